//! The proxy under the eyes of the suite. The cases are in `tests/suite/src/proxy`; the contract is in
//! `docs/chapters/proxy.md`.

suite::judge! {
    suite::Subject {
        command: vec![env!("CARGO_BIN_EXE_proxy").into(), "{addr}".into(), "{backend}".into()],
        announces: true,
        profile: suite::profile::OWN_PROXY,
    },
    proxy_tests
}
