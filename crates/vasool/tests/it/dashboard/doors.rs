//! Every route of the pages behind sign-in: who is let in.

use vasool::web::session::Role;

use super::at;
use crate::harness::TestApp;
use crate::on_both_databases;

/// Paths of all pages behind sign-in, with something in every place.
fn paths(app: &TestApp) -> Vec<String> {
    let routes = vasool::web::routes(true).into_iter().map(|(path, _)| path);
    let behind = routes.filter(|path| path.starts_with("/dashboard"));
    let merchant = app.merchant.to_string();
    let places = [
        ("{account}", &*merchant),
        ("{mode}", "test"),
        ("{list}", "payments"),
        ("{id}", "pay_00000000000001"),
        ("{payment}", "pay_00000000000001"),
        ("{token}", "token_00000000000001"),
        ("{act}", "refund"),
    ];
    let fill = |path: &str| {
        places.iter().fold(path.to_owned(), |path, (place, value)| path.replace(place, value))
    };
    let filled: Vec<String> = behind.map(fill).collect();
    assert!(filled.len() > 30 && filled.iter().all(|path| !path.contains('{')), "{filled:?}");
    filled
}

on_both_databases! {
    async fn nobody_gets_in_without_a_session(app: TestApp) {
        let nobody = app.nobody();
        for path in paths(&app) {
            let shown = nobody.get(&path).await;
            match shown.status {
                303 => assert!(shown.leads_to().starts_with("/sign-in"), "{path}"),
                // Nothing to see at this address, only to send.
                status => assert!(matches!(status, 400 | 404 | 405), "{path}: {status}"),
            }
            let shown = nobody.post_plain(&path, &[]).await;
            assert!(matches!(shown.status, 400 | 401 | 404 | 405), "{path}: {}", shown.status);
        }
    }

    async fn who_may_look_may_not_act(app: TestApp) {
        let viewer = app.sign_in(Role::View).await;
        for path in paths(&app) {
            // What everybody may do with an account of one's own.
            if path.starts_with("/dashboard/account") {
                continue;
            }
            let shown = viewer.post(&path, &[]).await;
            assert!(matches!(shown.status, 400 | 403 | 404 | 405), "{path}: {}", shown.status);
        }
        let actions = app.app.store.operator_actions(None, 10).await.expect("actions");
        assert_eq!(actions.len(), 0, "nothing was begun");
    }

    async fn every_entry_of_the_menu_leads_somewhere(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        let html = admin.get(&at(&app, "")).await.is(200).to_owned();
        let (_, menu) = html.split_once("<nav class=\"menu\"").expect("a menu");
        let (menu, _) = menu.split_once("</nav>").expect("its end");
        let links: Vec<&str> = menu.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(links.len() > 20, "{links:?}");
        for link in links {
            let shown = admin.get(link).await;
            assert!(matches!(shown.status, 200 | 303), "{link}: {}", shown.status);
        }
    }
}
