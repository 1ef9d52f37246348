//! What banks must be asked now, and which process asks.

use vasool_core::instruction::{Instruction, InstructionKey};
use vasool_core::order::Order;
use vasool_core::payment::Payment;
use vasool_core::refund::Refund;
use vasool_core::reserve_pay::DebitRows;
use vasool_core::scope::Lane;
use vasool_core::tenant::Tenant;
use vasool_core::time::Millis;
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;

use super::due::lanes_in_memory;
use super::{Select, text};
use crate::Store;
use crate::columns::Value;
use crate::error::StoreResult;

/// A refund to pay out, with what a bank must know.
#[derive(Clone, PartialEq, Eq)]
pub struct PayoutRows {
    /// Amount and notes; its id is the reference that makes asking twice harmless.
    pub refund: Refund,
    /// What is given back.
    pub payment: Payment,
    /// The payer's account, for money that came by bank transfer.
    pub transfer: Option<Transfer>,
    /// The merchant in its mode.
    pub tenant: Tenant,
    /// How often the bank was asked, and what it said.
    pub instruction: Instruction,
}

/// Something the UPI network must do, with what it must know.
#[derive(Clone, PartialEq, Eq)]
pub struct UpiRows {
    /// The mandate; its id is the reference of its approval and, with the instruction's number, of
    /// its end.
    pub token: Token,
    /// The approval or the debit; its id is the reference that makes asking twice harmless.
    pub payment: Payment,
    /// That payment's order.
    pub order: Order,
    /// The merchant in its mode.
    pub tenant: Tenant,
    /// How often the network was asked, and what it said.
    pub instruction: Instruction,
}

impl From<DebitRows> for UpiRows {
    fn from(rows: DebitRows) -> UpiRows {
        UpiRows {
            token: Token::clone(&rows.token),
            payment: Payment::clone(&rows.payment),
            order: Order::clone(&rows.order),
            tenant: Tenant::clone(&rows.tenant),
            instruction: rows.instruction,
        }
    }
}

impl Store {
    /// An instruction.
    pub async fn instruction(&self, key: InstructionKey) -> StoreResult<Option<Instruction>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                data.instructions.get(&key).map(|(row, _)| Instruction::clone(row))
            }));
        }
        let select = Select::from::<Instruction>().and("subject =", text(key.subject()));
        self.one(select.and("kind =", key.kind())).await
    }

    /// What a bank must know to pay a refund; `None` when a part of it is gone, as after a reset, or
    /// when the instruction is about something else.
    pub async fn payout(&self, instruction: Instruction) -> StoreResult<Option<PayoutRows>> {
        let InstructionKey::PayRefund(id) = instruction.key else { return Ok(None) };
        let (scope, payment) = (instruction.scope, instruction.payment);
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                Some(PayoutRows {
                    tenant: Tenant::clone(&data.tenants.get(&scope)?.0),
                    refund: Refund::clone(&data.refunds.get(&id)?.0),
                    payment: Payment::clone(&data.payments.get(&payment)?.0),
                    transfer: data.transfers.get(&payment).map(|(row, _)| Transfer::clone(row)),
                    instruction,
                })
            }));
        }
        let Some(tenant) = self.tenant(scope).await? else { return Ok(None) };
        let Some(refund) = self.refund(scope, id).await? else { return Ok(None) };
        let transfer = self.transfer(scope, payment).await?;
        let Some(payment) = self.payment(scope, payment).await? else { return Ok(None) };
        Ok(Some(PayoutRows { tenant, refund, payment, transfer, instruction }))
    }

    /// What the UPI network must know to do something about a mandate; `None` as for
    /// [`Store::payout`].
    pub async fn upi_order(&self, instruction: Instruction) -> StoreResult<Option<UpiRows>> {
        if let InstructionKey::PayRefund(_) = instruction.key {
            return Ok(None);
        }
        let scope = instruction.scope;
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let payment = Payment::clone(&data.payments.get(&instruction.payment)?.0);
                let token = payment.mandate.as_ref()?.token;
                Some(UpiRows {
                    tenant: Tenant::clone(&data.tenants.get(&scope)?.0),
                    token: Token::clone(&data.tokens.get(&token)?.0),
                    order: Order::clone(&data.orders.get(&payment.order?)?.0),
                    payment,
                    instruction,
                })
            }));
        }
        let Some(tenant) = self.tenant(scope).await? else { return Ok(None) };
        let Some(payment) = self.payment(scope, instruction.payment).await? else {
            return Ok(None);
        };
        let (Some(mandate), Some(order)) = (&payment.mandate, payment.order) else {
            return Ok(None);
        };
        let Some(token) = self.token(scope, mandate.token).await? else { return Ok(None) };
        let Some(order) = self.order(scope, order).await? else { return Ok(None) };
        Ok(Some(UpiRows { tenant, token, payment, order, instruction }))
    }

    /// Lanes in which a bank must be asked, and their now.
    pub async fn instruction_lanes_due(&self, real: Millis) -> StoreResult<Vec<(Lane, Millis)>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let rows = data.instructions.values();
                let due = rows.filter_map(|(row, _)| Some((row.scope, row.state.due()?)));
                lanes_in_memory(&data.tenants, due, real)
            }));
        }
        self.lanes_due("instructions", "due_ms IS NOT NULL", real).await
    }

    /// Instructions of a lane due at its now, earliest first, whoever may be working on them.
    pub async fn instructions_due(
        &self,
        lane: Lane,
        now: Millis,
        limit: i64,
    ) -> StoreResult<Vec<Instruction>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let mut due: Vec<(Millis, Instruction)> = data
                    .instructions
                    .values()
                    .filter(|(row, _)| row.scope.lane() == lane)
                    .filter_map(|(row, _)| Some((row.state.due()?, Instruction::clone(row))))
                    .filter(|(due, _)| *due <= now)
                    .collect();
                due.sort_by_key(|(due, row)| (*due, row.key));
                due.truncate(usize::try_from(limit).unwrap_or(0));
                due.into_iter().map(|(_, row)| row).collect()
            }));
        }
        let select = Select::from::<Instruction>()
            .and("lane =", lane.0)
            .and("due_ms <=", now.0)
            // Said for the index, which holds rows with a due time alone.
            .and_sql("due_ms IS NOT NULL", vec![]);
        self.all(select.order_by("due_ms, subject").limit(limit, 0)).await
    }

    /// Takes an instruction into the hands of `holder` for `lease_ms` of real time, unless it is in
    /// other hands. SQLite and memory serve one process, which knows what it is working on. A debit
    /// is in the hands of its [`Batch`](crate::Batch) from the start.
    pub async fn lease_instruction(
        &self,
        key: InstructionKey,
        holder: &str,
        now_real: Millis,
        lease_ms: i64,
    ) -> StoreResult<bool> {
        let Store::Postgres(store) = self else { return Ok(true) };
        let sql = "UPDATE instructions SET leased_by = $1, leased_until_ms = $2 \
                   WHERE subject = $3 AND kind = $4 AND (leased_until_ms <= $5 OR leased_by = $1)";
        let params = vec![
            holder.to_owned().into(),
            Value::Int(now_real.plus(lease_ms).0),
            text(key.subject()),
            key.kind().into(),
            Value::Int(now_real.0),
        ];
        Ok(store.execute(sql.to_owned(), params).await? == 1)
    }

    /// Gives an instruction back before the lease ends.
    pub async fn release_instruction(&self, key: InstructionKey, holder: &str) -> StoreResult<()> {
        let Store::Postgres(store) = self else { return Ok(()) };
        let sql = "UPDATE instructions SET leased_by = NULL, leased_until_ms = 0 \
                   WHERE subject = $1 AND kind = $2 AND leased_by = $3";
        let params = vec![text(key.subject()), key.kind().into(), holder.to_owned().into()];
        store.execute(sql.to_owned(), params).await.map(|_| ())
    }
}
