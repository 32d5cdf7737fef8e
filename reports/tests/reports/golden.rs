//! Comparing a rendering with the file that shows how it should be.

use std::env;
use std::fs;
use std::path::Path;

/// Compares `actual` with `tests/golden/NAME`, or writes it there if `BLESS` is set. Escape sequences are kept in the
/// file as `␛`, so that it can be read and reviewed.
pub(crate) fn check(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let actual = actual.replace('\x1b', "␛");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        actual == expected,
        "{name} differs; accept with `BLESS=1 cargo test -p reports`\n--- expected\n{expected}\n--- actual\n{actual}"
    );
}
