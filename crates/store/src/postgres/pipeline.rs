//! Sending many requests before the first answer.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use super::error::failure;
use crate::error::StoreResult;

/// A request that is sent when it is first polled.
pub type Request<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// Runs requests so that all are sent in order before the first answer is awaited: one round trip.
///
/// When one fails before anything after it was sent, nothing after it is sent any more, and its
/// place holds `None`. A save relies on this: a COMMIT never follows a statement that did not leave.
pub async fn pipeline<T, E>(requests: Vec<Request<'_, T, E>>) -> Vec<Option<Result<T, E>>> {
    let mut requests: Vec<Option<Request<'_, T, E>>> = requests.into_iter().map(Some).collect();
    let mut answers: Vec<Option<Result<T, E>>> = requests.iter().map(|_| None).collect();
    let mut sent = false;
    poll_fn(move |cx| {
        for at in 0..requests.len() {
            let Some(request) = &mut requests[at] else { continue };
            if let Poll::Ready(answer) = request.as_mut().poll(cx) {
                let stop = answer.is_err() && !sent;
                answers[at] = Some(answer);
                requests[at] = None;
                if stop {
                    requests.truncate(at);
                    break;
                }
            }
        }
        sent = true;
        if requests.iter().all(Option::is_none) {
            Poll::Ready(std::mem::take(&mut answers))
        } else {
            Poll::Pending
        }
    })
    .await
}

/// The answers, or the first failure.
pub fn all<T>(answers: Vec<Option<Result<T, tokio_postgres::Error>>>) -> StoreResult<Vec<T>> {
    let answers: Result<Vec<T>, _> = answers.into_iter().flatten().collect();
    answers.map_err(|error| failure(&error))
}
