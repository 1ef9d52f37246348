//! Values on the wire of PostgreSQL.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, WrongType, to_sql_checked};

use super::error::failure;
use crate::columns::{Cells, Kind, Value};
use crate::error::{StoreError, StoreResult};

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => text.as_ref().to_sql(ty, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.as_ref().to_sql(ty, out),
            _ => Err(Box::new(WrongType::new::<Value<'_>>(ty.clone()))),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Decided per value above.
        true
    }

    to_sql_checked!();
}

/// The type a column of this kind has.
pub fn type_of_kind(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

/// The type to announce for a value; the database infers that of a null.
pub fn type_of_value(value: &Value<'_>) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
    }
}

/// The cells of a row.
pub fn cells(row: &Row) -> StoreResult<Cells> {
    Ok(Cells::new(values(row)?))
}

/// The values of a row.
pub fn values(row: &Row) -> StoreResult<Vec<Value<'static>>> {
    row.columns().iter().enumerate().map(|(at, column)| value(row, at, column.type_())).collect()
}

fn value(row: &Row, at: usize, ty: &Type) -> StoreResult<Value<'static>> {
    Ok(match *ty {
        Type::INT8 => get::<i64>(row, at)?.into(),
        Type::INT4 => get::<i32>(row, at)?.map(i64::from).into(),
        Type::INT2 => get::<i16>(row, at)?.map(i64::from).into(),
        Type::BOOL => get::<bool>(row, at)?.map(i64::from).into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => get::<String>(row, at)?.into(),
        Type::BYTEA => {
            get::<Vec<u8>>(row, at)?.map_or(Value::Null, |bytes| Value::Bytes(bytes.into()))
        }
        _ => return Err(StoreError::Corrupt(format!("a column of type {ty} in the database"))),
    })
}

fn get<T: for<'a> FromSql<'a>>(row: &Row, at: usize) -> StoreResult<Option<T>> {
    row.try_get(at).map_err(|error| failure(&error))
}
