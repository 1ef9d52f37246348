//! Answers lookups: which rows have what is asked for.

use vasool_core::customer::identity;
use vasool_core::id::{CustomerId, EndpointId, FaultId, PaymentId, RawId, VirtualAccountId};
use vasool_core::sandbox::Fault;
use vasool_core::scope::ScopeId;
use vasool_core::working_set::{Lookup, WorkingSet};

use super::Data;
use super::data::{get, is_active};

impl Data {
    pub(super) fn find(&self, lookup: &Lookup) -> Vec<RawId> {
        match lookup {
            Lookup::Endpoints(scope) => {
                let own = self.endpoints.values().filter(|(row, _)| row.scope == *scope);
                own.map(|(row, _)| row.id.0).collect()
            }
            Lookup::Faults(scope) => {
                let armed = |row: &Fault| row.scope == *scope && !row.disarmed;
                let own = self.faults.values().filter(|(row, _)| armed(row));
                own.map(|(row, _)| row.id.0).collect()
            }
            Lookup::CustomerIdentity(scope, wanted) => {
                self.with_identity(*scope, wanted).map(|id| id.0).into_iter().collect()
            }
            Lookup::AccountNumber(space, number) => {
                let holders = self.holders(number);
                let in_space = holders.filter(|row| row.scope.address_space() == *space);
                let best = in_space.max_by_key(|row| (is_active(row), row.id));
                best.map(|row| row.id.0).into_iter().collect()
            }
            Lookup::Vpa(space, address) => {
                let holders = self.accounts().filter(|row| {
                    row.scope.address_space() == *space
                        && row.vpa.as_ref().is_some_and(|vpa| vpa.address() == *address)
                });
                let best = holders.max_by_key(|row| (is_active(row), row.id));
                best.map(|row| row.id.0).into_iter().collect()
            }
            Lookup::OrderReceipt(scope, receipt) => {
                let own = self
                    .orders
                    .values()
                    .map(|(row, _)| row)
                    .filter(|row| row.scope == *scope && row.receipt.as_ref() == Some(receipt));
                own.max_by_key(|row| row.id).map(|row| row.id.0).into_iter().collect()
            }
            Lookup::QrCode(id) => {
                let mut all = self.accounts();
                all.find(|row| row.qr_code.as_ref().is_some_and(|qr| qr.id == *id))
                    .map(|row| row.id.0)
                    .into_iter()
                    .collect()
            }
            Lookup::NumberUse(number) => self.holders(number).map(|row| row.id.0).collect(),
            Lookup::Transfer(key) => {
                let mut all = self.transfers.values();
                all.find(|(row, _)| row.key() == *key)
                    .map(|(row, _)| row.payment.0)
                    .into_iter()
                    .collect()
            }
            Lookup::RefundReceipt(payment, receipt) => {
                self.with_receipt(*payment, receipt).map(|row| row.id.0).collect()
            }
        }
    }

    pub(super) fn load_found(&self, lookup: &Lookup, raw: RawId, set: &mut WorkingSet) {
        match lookup {
            Lookup::Endpoints(_) => {
                if let Some((row, version)) = get(&self.endpoints, &EndpointId(raw)) {
                    set.load_endpoint(row, version);
                }
            }
            Lookup::Faults(_) => {
                if let Some((row, version)) = get(&self.faults, &FaultId(raw)) {
                    set.load_fault(row, version);
                }
            }
            Lookup::CustomerIdentity(..) => {
                set.load_customer(CustomerId(raw), get(&self.customers, &CustomerId(raw)));
            }
            Lookup::AccountNumber(..) | Lookup::Vpa(..) | Lookup::QrCode(_) => {
                self.load_account(VirtualAccountId(raw), set);
            }
            Lookup::NumberUse(_) | Lookup::OrderReceipt(..) | Lookup::RefundReceipt(..) => {}
            Lookup::Transfer(_) => self.load_payment(PaymentId(raw), set),
        }
    }

    fn with_identity(&self, scope: ScopeId, wanted: &str) -> Option<CustomerId> {
        let own = self.customers.values().filter(|(row, _)| row.scope == scope);
        own.map(|(row, _)| row)
            .find(|row| {
                identity(row.email.as_deref(), row.contact.as_deref()).as_deref() == Some(wanted)
            })
            .map(|row| row.id)
    }
}
