//! Columns of merchants, their keys, and one merchant in one mode.

use vasool_core::scope::{Mode, Scope};
use vasool_core::tenant::{ApiKey, Merchant, Sealed, Tenant, TestClock};
use vasool_core::time::Millis;

use super::super::Kind::{Bytes, Int, Text};
use super::super::encoding::{read_settings, write_settings};
use super::super::{Cells, Record, Table, Value};
use super::{opt_time, table, time};
use crate::error::StoreResult;

impl Record for Merchant {
    const TABLE: &'static Table = table!("merchants", key 1, true, [
        id Text, name Text, parent Text, live_scope Int, test_scope Int, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            (&self.name).into(),
            self.parent.as_ref().map(|id| &id.0).into(),
            self.live_scope.into(),
            self.test_scope.into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Merchant {
            id: cells.id()?,
            name: cells.text()?,
            parent: cells.opt_id()?,
            live_scope: cells.scope()?,
            test_scope: cells.scope()?,
            created_at: time(cells)?,
        })
    }
}

impl Record for ApiKey {
    const TABLE: &'static Table = table!("api_keys", key 1, true, [
        id Text, merchant Text, mode Text, secret Bytes, created_at Int, expires_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id).into(),
            (&self.merchant.0).into(),
            self.mode.as_str().into(),
            Value::Bytes(self.secret.0.as_slice().into()),
            self.created_at.0.into(),
            self.expires_at.map(|at| at.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(ApiKey {
            id: cells.id()?,
            merchant: cells.id()?,
            mode: cells.word(Mode::parse)?,
            secret: Sealed(cells.bytes()?),
            created_at: time(cells)?,
            expires_at: opt_time(cells)?,
        })
    }
}

impl Record for Tenant {
    const TABLE: &'static Table = table!("tenants", key 1, true, [
        scope Int, merchant Text, mode Text, merchant_name Text, epoch Int, retired Int,
        clock_offset_ms Int, clock_frozen_at_ms Int, settings Text, faults_armed Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.scope.id.into(),
            (&self.scope.merchant.0).into(),
            self.scope.mode.as_str().into(),
            (&self.merchant_name).into(),
            self.epoch.into(),
            self.retired.into(),
            self.clock.offset.into(),
            self.clock.frozen_at.map(|at| at.0).into(),
            write_settings(&self.settings, self.scope.mode).into(),
            self.faults_armed.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let scope =
            Scope { id: cells.scope()?, merchant: cells.id()?, mode: cells.word(Mode::parse)? };
        Ok(Tenant {
            scope,
            merchant_name: cells.text()?,
            epoch: cells.int()?,
            retired: cells.flag()?,
            clock: TestClock { offset: cells.int()?, frozen_at: cells.opt_int()?.map(Millis) },
            settings: read_settings(&cells.text()?, scope.mode)?,
            faults_armed: cells.int()?,
        })
    }
}
