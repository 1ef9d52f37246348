//! The HTTP API: one line per route, thin handlers by resource.

pub mod answer;
mod as_of;
mod bank_accounts;
mod batches;
pub mod caller;
mod customers;
pub mod file_upload;
mod invoices;
pub mod keyring;
pub mod limiter;
mod methods;
mod openapi;
mod orders;
pub mod paper_nach;
mod payments;
mod probes;
mod qr_codes;
mod refunds;
pub mod rejection;
pub mod request;
mod reserve_pay;
mod settlements;
mod short_links;
mod tokens;
pub mod upload;
mod virtual_accounts;
mod vpas;
mod webhooks;

use axum::extract::Request;
use axum::http::uri::{PathAndQuery, Uri};
use axum::routing::{MethodRouter, delete, get, post, put};
use axum::{Extension, Router};

use crate::app::App;
use crate::sandbox;
use crate::web;
use crate::wire::error::ApiError;

pub use openapi::description;
pub use payments::payment_id;
pub use refunds::{refund, refund_id};
pub use reserve_pay::ask_network;
pub use tokens::token_id;
pub use virtual_accounts::virtual_account_id;

/// A route: path and handlers.
pub type Route = (&'static str, MethodRouter<App>);

/// Every route, the same list for the router and for the test of the API description.
pub fn routes(sandbox_on: bool) -> Vec<Route> {
    let mut routes: Vec<Route> = vec![
        // Operating
        ("/healthz", get(probes::healthz)),
        ("/readyz", get(probes::readyz)),
        ("/metrics", get(probes::metrics)),
        ("/openapi.json", get(openapi::openapi_json)),
        // For people
        ("/i/{code}", get(short_links::open_short_link).post(web::nach::upload_from_page)),
        ("/upi/{id}", get(web::mandate::show_mandate)),
        // Helpers
        ("/v1/methods", get(methods::list_methods)),
        ("/methods", get(methods::list_methods)),
        // Customers
        ("/v1/customers", get(customers::list_customers).post(customers::create_customer)),
        ("/v1/customers/{id}", get(customers::get_customer).put(customers::edit_customer)),
        ("/v1/customers/{id}/bank_account", post(bank_accounts::add_bank_account)),
        ("/v1/customers/{id}/bank_account/{bank}", delete(bank_accounts::delete_bank_account)),
        (
            "/v1/fund_accounts",
            get(bank_accounts::list_fund_accounts).post(bank_accounts::create_fund_account),
        ),
        // Orders
        ("/v1/orders", get(orders::list_orders).post(orders::create_order)),
        ("/v1/orders/{id}", get(orders::get_order).patch(orders::edit_order)),
        ("/v1/orders/{id}/payments", get(orders::list_order_payments)),
        // Payments
        ("/v1/payments", get(payments::list_payments)),
        ("/v1/payments/{id}/capture", post(payments::capture_payment)),
        ("/v1/payments/{id}/bank_transfer", get(payments::get_bank_transfer)),
        ("/v1/payments/{id}/upi_transfer", get(payments::get_upi_transfer)),
        ("/v1/payments/{id}/card", get(payments::get_card)),
        ("/v1/payments/downtimes", get(payments::list_downtimes)),
        ("/v1/payments/{id}", get(payments::get_payment).patch(payments::edit_payment)),
        ("/v1/payments/{id}/refund", post(refunds::refund_payment)),
        ("/v1/payments/{id}/refunds", get(refunds::list_payment_refunds)),
        ("/v1/payments/{id}/refunds/{refund}", get(refunds::get_payment_refund)),
        ("/v1/payments/validate/vpa", post(vpas::validate_vpa)),
        ("/v1/payments/create/json", post(reserve_pay::create_payment_json)),
        ("/v1/payments/create/upi", post(reserve_pay::create_payment_upi)),
        ("/v1/payments/create/recurring", post(reserve_pay::create_payment_recurring)),
        ("/v1/payments/create/nach/file", post(paper_nach::upload_nach_form)),
        // Registration links
        ("/v1/subscription_registration/auth_links", post(invoices::create_link)),
        ("/v1/invoices", get(invoices::list_invoices)),
        ("/v1/invoices/{id}", get(invoices::get_invoice)),
        ("/v1/invoices/{id}/notify_by/{medium}", post(invoices::notify_invoice)),
        ("/v1/invoices/{id}/cancel", post(invoices::cancel_invoice)),
        // Mandates
        ("/v1/customers/{id}/tokens", get(tokens::list_tokens)),
        ("/v1/customers/{id}/tokens/{token}", get(tokens::get_token).delete(tokens::delete_token)),
        ("/v1/customers/{id}/tokens/{token}/cancel", put(tokens::cancel_token)),
        ("/v1/tokens", post(tokens::create_card_token)),
        ("/v1/tokens/fetch", post(tokens::find_card_token)),
        ("/v1/tokens/delete", post(tokens::find_card_token)),
        (
            "/v1/tokens/service_provider_tokens/token_transactional_data",
            post(tokens::find_card_token),
        ),
        // QR codes
        ("/v1/payments/qr_codes", get(qr_codes::list_qr_codes).post(qr_codes::create_qr_code)),
        ("/v1/payments/qr_codes/{id}", get(qr_codes::get_qr_code).patch(qr_codes::edit_qr_code)),
        ("/v1/payments/qr_codes/{id}/close", post(qr_codes::close_qr_code)),
        ("/v1/payments/qr_codes/{id}/payments", get(qr_codes::list_qr_code_payments)),
        // Refunds
        ("/v1/refunds", get(refunds::list_refunds).post(refunds::create_refund)),
        ("/v1/refunds/{id}", get(refunds::get_refund).patch(refunds::edit_refund)),
        // Settlements
        ("/v1/settlements/recon/combined", get(settlements::list_recon)),
        // Smart Collect
        (
            "/v1/virtual_accounts",
            get(virtual_accounts::list_virtual_accounts)
                .post(virtual_accounts::create_virtual_account),
        ),
        (
            "/v1/virtual_accounts/{id}",
            get(virtual_accounts::get_virtual_account)
                .patch(virtual_accounts::update_virtual_account)
                .post(virtual_accounts::update_virtual_account),
        ),
        ("/v1/virtual_accounts/{id}/receivers", post(virtual_accounts::add_receivers)),
        ("/v1/virtual_accounts/{id}/allowed_payers", post(virtual_accounts::add_allowed_payer)),
        (
            "/v1/virtual_accounts/{id}/allowed_payers/{payer}",
            delete(virtual_accounts::delete_allowed_payer),
        ),
        ("/v1/virtual_accounts/{id}/close", post(virtual_accounts::close_virtual_account)),
        (
            "/v1/virtual_accounts/{id}/payments",
            get(virtual_accounts::list_virtual_account_payments),
        ),
        // Bulk files
        ("/v1/batches", get(batches::list_batches).post(batches::create_batch)),
        ("/v1/batches/{id}", get(batches::get_batch)),
        ("/v1/batches/{id}/report", get(batches::get_batch_report)),
        // Webhooks
        (
            "/v1/webhooks",
            get(webhooks::list_webhooks)
                .post(webhooks::create_webhook)
                .put(webhooks::edit_only_webhook),
        ),
        (
            "/v1/webhooks/{id}",
            get(webhooks::get_webhook)
                .put(webhooks::edit_webhook)
                .patch(webhooks::edit_webhook)
                .delete(webhooks::delete_webhook),
        ),
        (
            "/v2/accounts/{account}/webhooks",
            get(webhooks::list_account_webhooks).post(webhooks::create_account_webhook),
        ),
        (
            "/v2/accounts/{account}/webhooks/{id}",
            get(webhooks::get_account_webhook)
                .put(webhooks::edit_account_webhook)
                .patch(webhooks::edit_account_webhook)
                .delete(webhooks::delete_account_webhook),
        ),
        // The account id is empty when an SDK was called without it.
        (
            "/v2/accounts/webhooks",
            get(webhooks::list_webhooks)
                .post(webhooks::create_webhook)
                .put(webhooks::edit_only_webhook),
        ),
        (
            "/v2/accounts/webhooks/{id}",
            get(webhooks::get_webhook)
                .put(webhooks::edit_webhook)
                .patch(webhooks::edit_webhook)
                .delete(webhooks::delete_webhook),
        ),
    ];
    if sandbox_on {
        routes.extend([
            ("/v1/sandbox", delete(sandbox::reset)),
            ("/v1/sandbox/bank_transfers", post(sandbox::receive_bank_transfer)),
            ("/v1/sandbox/upi_payments", post(sandbox::receive_upi_payment)),
            ("/v1/bharatqr/pay/test", post(sandbox::pay_qr_code)),
            ("/v1/sandbox/refunds/{id}", post(sandbox::steer_refund)),
            ("/v1/sandbox/mandates/{id}", get(sandbox::get_mandate).post(sandbox::steer_mandate)),
            ("/v1/sandbox/payments/{id}", post(sandbox::steer_payment)),
            ("/v1/sandbox/clock", get(sandbox::get_clock).post(sandbox::set_clock)),
            ("/v1/sandbox/settings", get(sandbox::get_settings).patch(sandbox::change_settings)),
            ("/v1/sandbox/messages", get(sandbox::list_messages)),
            ("/v1/sandbox/deliveries", get(sandbox::list_deliveries)),
            (
                "/v1/sandbox/faults",
                get(sandbox::list_faults).post(sandbox::arm_fault).delete(sandbox::disarm_faults),
            ),
            ("/v1/sandbox/webhooks/{id}/replay", post(sandbox::replay_events)),
            ("/v1/sandbox/merchants", post(sandbox::create_merchant)),
            ("/v1/virtual_accounts/{id}/pay/test", post(sandbox::pay_virtual_account)),
        ]);
    }
    routes
}

/// Everything the server answers: the API, and pages for people, which call it like a client.
pub fn router(app: App) -> Router {
    let api = of_routes(routes(app.options.sandbox)).with_state(app.clone());
    let pages = of_routes(web::routes(app.options.dashboard))
        .layer(Extension(web::Api(api.clone().fallback(unknown_route))))
        .with_state(app);
    api.merge(pages).fallback(unknown_route).method_not_allowed_fallback(unknown_route)
}

fn of_routes(routes: Vec<Route>) -> Router<App> {
    routes.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

/// Unknown paths and wrong methods. Source: common 5.4.
async fn unknown_route() -> ApiError {
    ApiError::unknown_route()
}

/// Makes the spellings of SDKs equal before routing: doubled slashes, one trailing slash. A query
/// without anything behind its `?` is as good as none. Source: common 1.1.
pub fn normalize_path<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    if !path.contains("//") && (path.len() == 1 || !path.ends_with('/')) {
        return request;
    }
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty()) {
        clean.push('/');
        clean.push_str(part);
    }
    if clean.is_empty() {
        clean.push('/');
    }
    if let Some(query) = request.uri().query() {
        clean.push('?');
        clean.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    if let Ok(path_and_query) = PathAndQuery::try_from(clean) {
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(uri: &str) -> String {
        let request = Request::builder().uri(uri).body(()).unwrap();
        normalize_path(request).uri().to_string()
    }

    #[test]
    fn cm_09_and_10_spellings_of_paths() {
        assert_eq!(normalized("/v1/orders/"), "/v1/orders");
        assert_eq!(normalized("/v1//orders"), "/v1/orders");
        assert_eq!(normalized("/v1/customers//tokens?count=1"), "/v1/customers/tokens?count=1");
        assert_eq!(normalized("//v1/orders/?"), "/v1/orders?");
        assert_eq!(normalized("/"), "/");
        assert_eq!(normalized("/v1/orders?expand[]=a//b"), "/v1/orders?expand[]=a//b");
    }
}
