//! Everything a store holds of one kind, read past the working set.

use vasool_store::columns::{Record, read_row, read_versioned};

use crate::world::World;

/// All rows of a kind, by key.
pub async fn all<T: Record>(world: &World) -> Vec<T> {
    let rows = world.rows(&select::<T>()).await;
    rows.into_iter().map(|mut cells| read_row(&mut cells).unwrap()).collect()
}

/// All rows of a kind with their versions, by key.
pub async fn versioned<T: Record>(world: &World) -> Vec<(T, i64)> {
    let rows = world.rows(&select::<T>()).await;
    rows.into_iter().map(|mut cells| read_versioned(&mut cells).unwrap()).collect()
}

/// How many rows of a kind there are.
pub async fn count<T: Record>(world: &World) -> usize {
    all::<T>(world).await.len()
}

fn select<T: Record>() -> String {
    let key: Vec<&str> = T::TABLE.columns[..T::TABLE.key].iter().map(|(name, _)| *name).collect();
    let (columns, table) = (T::TABLE.column_list(), T::TABLE.name);
    format!("SELECT {columns} FROM {table} ORDER BY {}", key.join(", "))
}
