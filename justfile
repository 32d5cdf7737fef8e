# One line a task; no logic here.

# Everything that has to pass before a change lands.
check: format lint test scenarios

format:
    cargo fmt --all --check

lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

test:
    cargo test --workspace --locked

scenarios:
    cargo run --release --locked -- run scenarios

# Accept changed golden files and generated pages (then read the diff).
bless:
    BLESS=1 cargo test --workspace --locked

# Plants bugs into copies of decisions and shows that each is caught.
planted:
    cargo test -p suites --locked -- --ignored planted

# Feeds any bytes to the reading of replies, to the grammar and to the server, a minute each.
fuzz:
    engine/fuzz all -max_total_time=60

bench:
    cargo bench -p benches --locked

deny:
    cargo deny check bans licenses sources
