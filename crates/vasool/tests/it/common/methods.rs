//! `GET /v1/methods`: row CM-122.

use axum::body::Bytes;
use hyper::Method;
use serde_json::json;

use crate::harness::base64;
use crate::on_both_databases;

on_both_databases! {
    async fn cm_122_methods_need_a_key_id(app: TestApp) {
        let (key, secret) = (&app.test.key_id, &app.test.key_secret);
        let get = async |path: &str, header: Option<String>| {
            app.test.send_as(Method::GET, path, header.as_deref(), None, Bytes::new()).await
        };
        let basic = |text: String| Some(format!("Basic {}", base64(text.as_bytes())));
        for path in ["/v1/methods", "/methods"] {
            for header in
                [basic(format!("{key}:")), basic(key.clone()), basic(format!("{key}:{secret}"))]
            {
                let answer = get(path, header).await.ok();
                assert_eq!(answer["entity"], "methods");
                assert_eq!(answer["bank_transfer"], true);
                for flat in ["card", "emi", "upi", "nach"] {
                    assert!(answer[flat].is_boolean(), "{flat}");
                }
                for object in ["netbanking", "wallet", "card_networks", "recurring", "emi_plans"] {
                    assert!(answer[object].is_object(), "{object}");
                }
                assert_eq!(answer["cardless_emi"], json!([]));
            }
            get(&format!("{path}?key_id={key}"), None).await.ok();
            let missing = get(path, None).await.error(401);
            let text = "Please provide your api key for authentication purposes";
            assert_eq!(missing["description"], text);
            for (path, header) in [
                (path.to_owned(), basic(format!("{key}:wrong"))),
                (path.to_owned(), basic("rzp_test_0000000000000a:".to_owned())),
                (format!("{path}?key_id=rzp_test_0000000000000a"), None),
                (format!("{path}?key_id=nonsense"), None),
            ] {
                let error = get(&path, header).await.error(401);
                assert_eq!(error["description"], "The api key provided is invalid");
            }
        }
        // A key id alone opens nothing else.
        get(&format!("/v1/customers?key_id={key}"), None).await.error(401);
        get("/v1/customers", basic(format!("{key}:"))).await.error(401);
    }

    async fn operating_routes_need_no_key(app: TestApp) {
        let get = async |path: &str| {
            app.test.send_as(Method::GET, path, None, None, Bytes::new()).await
        };
        for path in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
            assert_eq!(get(path).await.status, 200, "{path}");
        }
    }
}
