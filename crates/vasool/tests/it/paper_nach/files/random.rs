//! Weeks of debits with a courier nobody can rely on: files come late, twice, damaged, in any order, and
//! the server is stopped in the middle now and then.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use vasool::rails::files::FileBank;
use vasool::sandbox::nach_desk::Desk;
use vasool_nach::ach::{FileKind, Reader};

use super::{RemovedAtEnd, World};
use crate::harness::{TestApp, failure};
use crate::on_both_databases;

/// Days on which debits are asked for, and days on which what is left arrives.
const DAYS: u64 = 10;
const REST: u64 = 6;

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // Constants of a common generator; only variety is wanted.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// Carries files between our directory and NPCI's.
struct Courier {
    npci: FileBank,
    /// Files of NPCI on their way.
    carried: Vec<(String, Vec<u8>)>,
    _removed: RemovedAtEnd,
}

impl Courier {
    fn new(world: &World) -> Courier {
        let directory = world.root.with_extension("npci");
        let npci = FileBank { directory, ..world.bank.clone() };
        fs::create_dir_all(npci.directory.join("out")).unwrap();
        let _removed = RemovedAtEnd(npci.directory.clone());
        Courier { npci, carried: vec![], _removed }
    }

    /// Takes files to NPCI; some wait for another day.
    fn bring(&self, world: &World, dice: &mut Dice, all: bool) {
        for name in world.names("out") {
            if !name.ends_with(".part") && (all || dice.percent(90)) {
                let to = self.npci.directory.join("out").join(&name);
                fs::rename(world.root.join("out").join(&name), to).unwrap();
            }
        }
    }

    fn fetch(&mut self) {
        for entry in fs::read_dir(self.npci.directory.join("in")).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            self.carried.push((name, fs::read(&path).unwrap()));
            fs::remove_file(path).unwrap();
        }
    }

    /// Hands files over in any order: late, twice, or damaged first.
    fn hand_over(&mut self, world: &World, dice: &mut Dice, all: bool) {
        let mut left = vec![];
        while !self.carried.is_empty() {
            let at = usize::try_from(dice.below(self.carried.len() as u64)).unwrap();
            let (name, bytes) = self.carried.swap_remove(at);
            if !all && dice.percent(35) {
                left.push((name, bytes));
                continue;
            }
            if dice.percent(15) {
                let cut = bytes.len() - 1 - usize::try_from(dice.below(40)).unwrap();
                publish(world, &name, &bytes[..cut]);
                // The same name again only after the damaged one was put aside.
                left.push((name, bytes));
                continue;
            }
            publish(world, &name, &bytes);
            if dice.percent(20) {
                left.push((name, bytes));
            }
        }
        self.carried = left;
    }
}

/// As a careful bank does it: complete under its name.
fn publish(world: &World, name: &str, bytes: &[u8]) {
    let part = world.root.join("in").join(format!("{name}.part"));
    fs::write(&part, bytes).unwrap();
    fs::rename(part, world.root.join("in").join(name)).unwrap();
}

async fn weeks(app: TestApp, seed: u64) {
    let (mut world, mut dice) = (World::with(app, json!({"items_per_file": 5})).await, Dice(seed));
    let mut courier = Courier::new(&world);
    let mut papers = vec![];
    for account in ["50100012345678", "50100012345679"] {
        papers.push(world.signed(account, json!({})).await);
    }
    world.look().await;
    courier.bring(&world, &mut dice, true);
    let mut desk = Desk::open(courier.npci.clone()).unwrap();
    desk.take(world.time().await).unwrap();
    desk.respond(world.time().await, 1).unwrap();
    courier.fetch();
    while !courier.carried.is_empty() {
        courier.hand_over(&world, &mut dice, true);
        world.look().await;
    }
    let mut payments: BTreeMap<String, i64> = BTreeMap::new();
    for day in 0..DAYS + REST {
        let is_rest = day >= DAYS;
        for _ in 0..if is_rest { 0 } else { dice.below(6) } {
            let paper = &papers[usize::try_from(dice.below(2)).unwrap()];
            let paise = [0, 0, 4, 98][usize::try_from(dice.below(4)).unwrap()];
            let payment = world.debit(paper, 50_000 + paise).await;
            payments.insert(payment, paise);
        }
        if dice.percent(30) {
            let client = world.app.test.clone();
            let look = client.try_post("/v1/sandbox/clock", json!({"advance": 3_600}));
            let _ = tokio::time::timeout(Duration::from_millis(dice.below(30)), look).await;
            world.app = world.app.restart().await;
        }
        let now = world.app.now().await;
        world.app.advance((super::EIGHT + 3_600 - now).rem_euclid(super::DAY)).await;
        courier.bring(&world, &mut dice, is_rest);
        desk.take(world.time().await).unwrap();
        if is_rest || dice.percent(80) {
            desk.respond(world.time().await, 1 + u8::try_from(dice.below(3)).unwrap()).unwrap();
        }
        courier.fetch();
        courier.hand_over(&world, &mut dice, is_rest);
        if dice.percent(20) {
            let client = world.app.test.clone();
            let look = client.try_post("/v1/sandbox/clock", json!({"advance": 1}));
            let _ = tokio::time::timeout(Duration::from_millis(dice.below(30)), look).await;
            world.app = world.app.restart().await;
        }
        world.until_read().await;
        world.next_day().await;
    }
    let mut timed_out = 0;
    for (payment, paise) in &payments {
        let row = world.app.pay_row(payment).await;
        let reason = failure(&row)[4];
        match (row["status"].as_str().unwrap(), reason) {
            ("captured", _) => assert_ne!(*paise, 4, "seed {seed}: {row}"),
            ("failed", "insufficient_funds") => assert_eq!(*paise, 4, "seed {seed}: {row}"),
            ("failed", "payment_timed_out") => timed_out += 1,
            _ => panic!("seed {seed}: {row}"),
        }
    }
    assert!(timed_out < payments.len() || payments.len() < 5, "seed {seed}: most are answered");
    // NPCI was given every debit once at most.
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    for folder in ["taken", "answered", "finished"] {
        for entry in fs::read_dir(courier.npci.directory.join("bank").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let input = std::io::BufReader::new(fs::File::open(path).unwrap());
                let items = Reader::new(input, FileKind::Input, world.bank.dialect).unwrap();
                for item in items {
                    *given.entry(item.unwrap().debit.reference).or_default() += 1;
                }
            }
        }
    }
    assert!(given.values().all(|times| *times == 1), "seed {seed}: {given:?}");
    assert!(given.keys().all(|payment| payments.contains_key(payment)), "seed {seed}");
    world.app.assert_books_clean().await;
}

on_both_databases! {
    async fn weeks_with_an_unreliable_courier_1(app: TestApp) {
        weeks(app, 1).await;
    }

    async fn weeks_with_an_unreliable_courier_2(app: TestApp) {
        weeks(app, 2).await;
    }

    async fn weeks_with_an_unreliable_courier_3(app: TestApp) {
        weeks(app, 3).await;
    }
}
