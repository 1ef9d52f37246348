//! What this process is asking rails about, so that no two of its tasks ask about the same thing.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use vasool_core::instruction::InstructionKey;

use super::asking::First;
use crate::clock::Stopwatch;

/// How long after a request began it may still tell the rail what it wrote from the rows it wrote.
/// With the longest answer and the longest report this is less than
/// [`IN_HAND_MS`](crate::engine::IN_HAND_MS), for which other processes leave the row alone.
pub const WRITTEN_MAX: Duration = Duration::from_secs(2);

/// The instructions in the hands of this process.
#[derive(Default)]
pub struct Hands {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Somebody is asking, or reporting what was said.
    busy: BTreeSet<InstructionKey>,
    /// A rail was asked, and what it said is not recorded.
    in_doubt: BTreeSet<InstructionKey>,
    /// Found in the store and taken up lately, oldest first.
    taken_up: VecDeque<(Stopwatch, InstructionKey)>,
}

/// An instruction in the hands of one task, until dropped.
pub struct Taken<'a> {
    hands: &'a Hands,
    pub key: InstructionKey,
}

impl Hands {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    /// Takes up what was found in the store, unless another task has it.
    pub fn take(&self, key: InstructionKey) -> Option<Taken<'_>> {
        let mut state = self.state();
        if !state.busy.insert(key) {
            return None;
        }
        // Whoever wrote it began before now: after twice the time nobody believes to be the first.
        while let Some((at, _)) = state.taken_up.front()
            && at.elapsed() > 2 * WRITTEN_MAX
        {
            state.taken_up.pop_front();
        }
        state.taken_up.push_back((Stopwatch::start(), key));
        Some(Taken { hands: self, key })
    }

    /// Takes what a request that began at `began` has written, unless anyone may have asked about
    /// it meanwhile.
    pub fn take_written(&self, key: InstructionKey, began: Stopwatch) -> Option<Taken<'_>> {
        let mut state = self.state();
        let is_untouched = !state.taken_up.iter().any(|(_, taken)| *taken == key);
        let is_mine = began.elapsed() < WRITTEN_MAX && is_untouched && state.busy.insert(key);
        is_mine.then(|| Taken { hands: self, key })
    }
}

impl Taken<'_> {
    /// Says that a rail will be asked now: from here until [`Taken::settle`] nobody may tell it
    /// without asking, and who comes later is not the first.
    pub fn doubt(&self, first: First) -> First {
        let is_fresh = self.hands.state().in_doubt.insert(self.key);
        if is_fresh { first } else { First::Perhaps }
    }

    /// Says that what the rail said is recorded.
    pub fn settle(&self) {
        self.hands.state().in_doubt.remove(&self.key);
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.hands.state().busy.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use vasool_core::id::{PaymentId, RawId};

    use super::*;

    fn key(text: &str) -> InstructionKey {
        InstructionKey::Debit(PaymentId(RawId::parse(text).unwrap()))
    }

    #[test]
    fn one_task_at_a_time() {
        let (hands, began) = (Hands::default(), Stopwatch::start());
        let mine = hands.take_written(key("QcC3Rent000001"), began).expect("nobody has it");
        assert!(hands.take(mine.key).is_none());
        assert!(hands.take_written(mine.key, began).is_none());
        assert!(hands.take(key("QcC3Rent000002")).is_some(), "another");
        drop(mine);
        assert!(hands.take(key("QcC3Rent000001")).is_some());
    }

    #[test]
    fn what_the_worker_took_up_is_not_told_by_its_request() {
        let (hands, began) = (Hands::default(), Stopwatch::start());
        drop(hands.take(key("QcC3Rent000001")));
        assert!(hands.take_written(key("QcC3Rent000001"), began).is_none());
    }

    #[test]
    fn after_a_question_nobody_is_the_first_until_the_answer_is_recorded() {
        let hands = Hands::default();
        let taken = hands.take(key("QcC3Rent000001")).unwrap();
        assert!(taken.doubt(First::Certainly) == First::Certainly);
        drop(taken);
        let again = hands.take(key("QcC3Rent000001")).unwrap();
        assert!(again.doubt(First::Certainly) == First::Perhaps);
        again.settle();
        assert!(again.doubt(First::Certainly) == First::Certainly);
    }
}
