//! What goes to a rail by file: beside its instruction stands a row that waits for a file. Source:
//! rails 8.4, paper-nach 1.3.
//!
//! Some rails are asked at once, others take files at their own times. Which it is, and when, the
//! connector says before a command is decided; the rule writes both rows with the change that causes
//! them. From then on the row belongs to the connector: it puts it into a file, once.

use crate::apply::Context;
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Millis;
use crate::working_set::WorkingSet;

/// A connector, and how it takes what it must do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// Its name.
    pub name: String,
    /// When it puts it into a file; `None` where it is asked at once.
    pub by_file: Option<FileTimes>,
}

/// When something goes into a file, and when its answer is given up. On the merchant's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileTimes {
    /// It goes into the first file that is made from then on.
    pub due: Millis,
    /// Without an answer by then it counts as unanswered.
    pub give_up: Millis,
}

/// Something that waits for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The instruction it belongs to.
    pub key: InstructionKey,
    /// Which request about the same thing it is: the instruction's number.
    pub number: i64,
    /// Whose.
    pub scope: ScopeId,
    /// Who makes the file.
    pub connector: String,
    /// What is debited; zero for what moves no money.
    pub amount: Paise,
    /// When it may go into a file, on the merchant's clock.
    pub due: Millis,
}

impl Filing {
    /// The queue it waits in: what it is, for whom. Files hold one kind of thing each.
    pub fn queue(connector: &str, kind: &str) -> String {
        format!("{connector}/{kind}")
    }
}

/// The connector of that name, if it exists.
pub(crate) fn find<'a>(connectors: &'a [Connector], name: &str) -> Option<&'a Connector> {
    connectors.iter().find(|connector| connector.name == name)
}

/// Stores an instruction: to be given to its rail now, or beside a row that waits for a file.
pub(crate) fn order(
    set: &mut WorkingSet,
    ctx: &Context,
    instruction: Instruction,
    connector: &str,
    amount: Paise,
    by_file: Option<FileTimes>,
) {
    let Some(times) = by_file else { return set.put_instruction(instruction) };
    set.append().filings.push(Filing {
        key: instruction.key,
        number: instruction.number,
        scope: ctx.scope.id,
        connector: connector.to_owned(),
        amount,
        due: times.due,
    });
    let state = InstructionState::Pending { due: Some(times.give_up) };
    set.put_instruction(Instruction { state, ..instruction });
}
