//! One engine behind a web service: shared by all threads, and honest when there is too much to do.
//!
//! ```sh
//! cargo run --release -p cbp-examples --example embed_in_service -- 127.0.0.1:8080
//! curl -s 127.0.0.1:8080/competencies -H 'content-type: application/json' \
//!     -d '{"duties": ["Scrutinise tenders and process the award of works", "निविदाओं की जाँच करना"]}'
//! ```

use std::error::Error;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use cbp_core::{Catalogue, CompetencyModel};
use cbp_infer::embed::{Embedder, ModelSource};
use cbp_infer::plan::Engine;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// Requests in work or waiting for a core. One more is told to come back later: a queue without bound only moves the
/// failure to a time when nobody waits for the answer any more.
const IN_FLIGHT: usize = 32;
/// Duties that one request may ask about.
const DUTIES: usize = 64;
/// Competencies in the answer for each duty.
const TOP: usize = 3;

#[derive(Clone)]
struct Service {
    engine: Arc<Engine>,
    places: Arc<Semaphore>,
}

#[derive(Deserialize)]
struct Question {
    duties: Vec<String>,
}

#[derive(Serialize)]
struct Answer {
    id: String,
    name: String,
    confidence: f64,
}

/// A status for the caller's program and a sentence for its programmer.
type Refusal = (StatusCode, String);

async fn competencies(
    State(service): State<Service>,
    Json(question): Json<Question>,
) -> Result<Json<Vec<Vec<Answer>>>, Refusal> {
    if question.duties.len() > DUTIES {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, format!("at most {DUTIES} duties in one request")));
    }
    let Ok(_place) = service.places.try_acquire() else {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "busy; try again in a moment".into()));
    };
    // The engine computes: it belongs on a thread that may block, not on the one that answers the network.
    let engine = Arc::clone(&service.engine);
    let work = tokio::task::spawn_blocking(move || {
        let duties: Vec<&str> = question.duties.iter().map(String::as_str).collect();
        engine.classifier().classify(&duties, TOP).map(|found| {
            let answer = |m: &cbp_infer::classify::Match| {
                let entry = engine.model().competencies.get(m.entry)?;
                Some(Answer { id: entry.id.clone(), name: entry.sub_theme.clone(), confidence: m.confidence })
            };
            found.iter().map(|matches| matches.iter().filter_map(answer).collect()).collect()
        })
    });
    match work.await {
        Ok(Ok(answers)) => Ok(Json(answers)),
        Ok(Err(fault)) => Err((StatusCode::UNPROCESSABLE_ENTITY, fault.to_string())),
        Err(_) => Err((StatusCode::INTERNAL_SERVER_ERROR, "the work was stopped".into())),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".into());
    let model = CompetencyModel::karmayogi().clone();
    let (catalogue, _) =
        Catalogue::from_json("catalogue.json", include_str!("../fixtures/catalogue.json"), &model)?;
    let engine = Engine::new(Arc::new(Embedder::open(&ModelSource::Shipped)?), model, catalogue)?;
    let service = Service { engine: Arc::new(engine), places: Arc::new(Semaphore::new(IN_FLIGHT)) };
    let routes = Router::new()
        .route("/health", get(|| async { "ready" }))
        .route("/competencies", post(competencies))
        .with_state(service);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}
