//! Files made by hand, with what encoders do not write.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A PNG of a header (size, depth, color type, interlacing) and chunks, with right checksums.
pub(super) fn png(size: (u32, u32), kind: [u8; 3], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let [depth, color, interlaced] = kind;
    let mut header = [size.0.to_be_bytes(), size.1.to_be_bytes()].concat();
    header.extend([depth, color, 0, 0, interlaced]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in
        [(b"IHDR", header.as_slice())].iter().chain(chunks).chain(&[(b"IEND", &[][..])])
    {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let mut sum = flate2::Crc::new();
        sum.update(*name);
        sum.update(data);
        file.extend(*name);
        file.extend(*data);
        file.extend(sum.sum().to_be_bytes());
    }
    file
}

/// Rows, each with its filter byte, as the data of a PNG.
pub(super) fn packed(rows: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(vec![], Compression::best());
    encoder.write_all(rows).unwrap();
    encoder.finish().unwrap()
}

/// A grey PNG of eight bits.
pub(super) fn grey_png(width: usize, pixels: &[u8]) -> Vec<u8> {
    let rows: Vec<u8> = pixels.chunks(width).flat_map(|row| [&[0], row].concat()).collect();
    let sides = [width, pixels.len() / width].map(|side| u32::try_from(side).unwrap());
    png((sides[0], sides[1]), [8, 0, 0], &[(b"IDAT", &packed(&rows))])
}

/// A JPEG of pixels in a color model.
pub(super) fn jpeg(
    size: (u16, u16),
    pixels: &[u8],
    color: ColorType,
    set: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, 95);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    set(&mut encoder);
    encoder.encode(pixels, size.0, size.1, color).unwrap();
    file
}

/// A JPEG with other sides in its frame header.
pub(super) fn with_sides(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut file = jpeg.to_vec();
    let is_frame = |two: &[u8]| two[0] == 0xff && matches!(two[1], 0xc0..=0xc2);
    let frame = file.windows(2).position(is_frame).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// An EXIF block of an orientation, and of a text that nobody else should read.
pub(super) fn exif(orientation: u8, is_little: bool) -> Vec<u8> {
    let number = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let short = |value: u16| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let mut block = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    block.extend(number(8));
    block.extend(short(2));
    for (tag, kind, count) in [(0x010f_u16, 2_u16, 4_u32), (0x0112, 3, 1)] {
        block.extend([short(tag), short(kind)].concat());
        block.extend(number(count));
        block.extend(if kind == 3 {
            [short(orientation.into()), [0, 0]].concat()
        } else {
            b"home".to_vec()
        });
    }
    block.extend(number(0));
    block.extend(b"19.0760N 72.8777E");
    block
}
