//! How the rails of test mode meet the faults a developer has armed. Source: sandbox 7.

use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::sandbox::{FaultKind, FaultTarget, RailOperation};
use vasool_core::tenant::Tenant;

use crate::engine::Engine;

/// One of these rails.
pub struct Side {
    /// What faults name it.
    pub target: FaultTarget,
    /// What alerts call it.
    pub name: &'static str,
}

/// What a rail says to one question, when it would say `answer` without faults. The engine counts the
/// fault that is met; `unknown` makes an answer that says nothing, of the words why.
pub async fn answers<A: Clone>(
    engine: &Engine,
    tenant: &Tenant,
    side: Side,
    operation: RailOperation,
    answer: A,
    unknown: impl Fn(String) -> A,
) -> Vec<A> {
    let unknown = |what: &str| unknown(format!("{} {what}", side.name));
    match meet(engine, tenant, side.target, operation).await {
        None => vec![answer],
        Some(FaultKind::Duplicate) => vec![answer.clone(), answer],
        Some(FaultKind::Late) => vec![unknown("did not answer in time"), answer],
        Some(FaultKind::Error) => vec![unknown("answered with a fault")],
        Some(_) => vec![unknown("did not answer")],
    }
}

async fn meet(
    engine: &Engine,
    tenant: &Tenant,
    target: FaultTarget,
    operation: RailOperation,
) -> Option<FaultKind> {
    if tenant.faults_armed == 0 {
        return None;
    }
    let meet = ScopedCommand::MeetRailFault(target, operation);
    match engine.submit_for(tenant.scope.id, meet).await {
        Ok(Reply::FaultMet(met)) => met.map(|(_, kind, _)| kind),
        Ok(_) => None,
        // Whether a fault was armed cannot be told now: no answer is always safe.
        Err(_) => Some(FaultKind::Timeout),
    }
}
