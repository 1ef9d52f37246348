//! Compares what was promised with what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::http::Client;
use crate::load::{Credit, Shared, send};
use crate::place::Place;
use crate::process::{Server, audit};

/// Everything of a collection, newest first.
pub async fn all(client: &mut Client, path: &str) -> Vec<Value> {
    let mut items = vec![];
    loop {
        let page = format!("{path}?count=100&skip={}", items.len());
        let page = client.get(&page).await.expect("an answer").ok();
        let page = page["items"].as_array().expect("a list").clone();
        items.extend(page.iter().cloned());
        if page.len() < 100 {
            return items;
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Sends what was not acknowledged once more, under the same reference.
pub async fn send_again(server: &Server, memory: &Shared) {
    let unknown: Vec<usize> = {
        let memory = memory.lock();
        let unknown = memory.credits.iter().enumerate().filter(|(_, row)| row.payment.is_none());
        unknown.map(|(at, _)| at).collect()
    };
    let mut client = server.client();
    for at in unknown {
        send(&mut client, memory, at).await.expect("an answer");
        assert!(memory.lock().credits[at].payment.is_some(), "{:?}", memory.lock().refused);
    }
}

/// Each of these transfers is one payment, the one that was acknowledged.
async fn assert_found(client: &mut Client, credits: &[Credit]) {
    for credit in credits {
        let path = format!("/v1/payments?va_transaction_id={}", credit.utr);
        let found = client.get(&path).await.expect("an answer").ok();
        let ids: Vec<String> =
            found["items"].as_array().expect("a list").iter().map(|row| text(&row["id"])).collect();
        assert_eq!(ids, credit.payment.iter().cloned().collect::<Vec<_>>(), "{credit:?}");
        assert_eq!(found["items"][0]["amount"], credit.amount, "{credit:?}");
    }
}

/// Everything promised is there once, everything there was promised, and all totals agree. Returns
/// the payments by id: the position of their account, and whether they were captured.
pub async fn assert_kept(
    place: &Place,
    server: &Server,
    memory: &Shared,
    since: usize,
) -> BTreeMap<String, (usize, bool)> {
    let mut client = server.client();
    assert_eq!(memory.lock().lost, [] as [String; 0]);
    // Before anything is sent again: what was acknowledged is there by itself.
    let acknowledged: Vec<Credit> = {
        let memory = memory.lock();
        memory.credits[since..].iter().filter(|row| row.payment.is_some()).cloned().collect()
    };
    assert_found(&mut client, &acknowledged).await;
    send_again(server, memory).await;
    let (accounts, credits) = {
        let memory = memory.lock();
        (memory.accounts.clone(), memory.credits.clone())
    };
    assert_found(&mut client, &credits[since..]).await;
    let mut payments = BTreeMap::new();
    for (at, account) in accounts.iter().enumerate() {
        let path = format!("/v1/virtual_accounts/{}", account.id);
        let seen = client.get(&path).await.expect("an answer").ok();
        let listed = all(&mut client, &format!("{path}/payments")).await;
        let own = credits.iter().filter(|credit| credit.account == at);
        let wanted: BTreeSet<String> = own.clone().filter_map(|row| row.payment.clone()).collect();
        assert_eq!(wanted.len(), own.clone().count(), "one payment per transfer");
        let ids: BTreeSet<String> = listed.iter().map(|row| text(&row["id"])).collect();
        assert_eq!(ids, wanted, "{account:?}");
        assert_eq!(ids.len(), listed.len(), "no payment is listed twice");
        // Newest first; ids begin with the millisecond, behind `pay_`.
        let moments = listed.iter().map(|row| text(&row["id"])[..12].to_owned());
        assert!(moments.rev().is_sorted(), "ids follow the statement: {listed:?}");
        let captured = listed.iter().filter(|row| row["status"] == "captured");
        let sum: i64 = captured.filter_map(|row| row["amount"].as_i64()).sum();
        assert_eq!(seen["amount_paid"], sum, "{account:?}");
        let promised: i64 = own.filter(|row| row.credited).map(|row| row.amount).sum();
        assert!(sum >= promised, "{account:?}: {sum} of {promised}");
        if account.closed {
            assert_eq!(seen["status"], "closed", "{account:?}");
        } else if !account.closing {
            assert_eq!(seen["status"], "active", "{account:?}");
        }
        let states = listed.iter().map(|row| (text(&row["id"]), (at, row["status"] == "captured")));
        payments.extend(states);
    }
    let audit = audit(place);
    assert_eq!(audit["payments"], credits.len(), "{audit}");
    payments
}
