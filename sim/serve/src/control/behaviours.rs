//! `/behaviours`: which there are, and switching them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use fleet::{RuleState, Switch};
use serde::{Deserialize, Serialize};
use units::Instant;

use super::{Fault, Room};

/// A behaviour, as it is told of. Moments are times since the start.
#[derive(Debug, Serialize)]
pub(super) struct Behaviour {
    id: String,
    provider: String,
    behaviour: &'static str,
    /// The only host that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    from: String,
    /// Left out if it never ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    on: bool,
    /// Whether it has an effect now: on, and within its span.
    in_force: bool,
}

impl Behaviour {
    fn of(rule: RuleState) -> Self {
        let on = rule.switch == Switch::On;
        Self {
            id: rule.id,
            provider: rule.provider,
            behaviour: rule.key,
            host: rule.host,
            from: rule.from.to_string(),
            until: (rule.until != Instant::MAX).then(|| rule.until.to_string()),
            on,
            in_force: rule.in_force,
        }
    }
}

pub(super) async fn list(State(room): State<Room>) -> Result<Json<Vec<Behaviour>>, Fault> {
    let rules = room.desk.ask(|hall| hall.fleet(|fleet| fleet.rules(hall.clock.now()))).await?;
    Ok(Json(rules.into_iter().map(Behaviour::of).collect()))
}

/// What is to become of a behaviour.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    on: bool,
}

pub(super) async fn switch(
    State(room): State<Room>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Behaviour>, Fault> {
    let wish: Wish = serde_json::from_slice(&body).map_err(|error| {
        Fault::bad_request("bad_body", error.to_string(), "send {\"on\": true} or {\"on\": false}")
    })?;
    let switch = if wish.on { Switch::On } else { Switch::Off };
    let asked = id.clone();
    let rule =
        room.desk.ask(move |hall| hall.fleet(|fleet| fleet.switch(&asked, switch, hall.clock.now()))).await?;
    let rule = rule.ok_or_else(|| {
        let message = format!("there is no behaviour `{id}`");
        Fault::new(StatusCode::NOT_FOUND, "no_such_behaviour", message, "GET /behaviours lists their ids")
    })?;
    Ok(Json(Behaviour::of(rule)))
}
