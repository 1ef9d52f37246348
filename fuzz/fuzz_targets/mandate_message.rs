//! Messages about mandates (pain.009, .011, .012) as XML: what is read is written and read alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vasool_nach::mandate::Message;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Message::from_xml(bytes)
        && let Ok(xml) = message.to_xml()
    {
        assert_eq!(Message::from_xml(xml.as_bytes()), Ok(message));
    }
});
