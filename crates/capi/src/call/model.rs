//! Compiled models.

use abi::export;
use runtime::{CallError, Lease, Picture, Ranked, Tensor, top_shares};
use serde_json::{Value, json};

/// How many of the highest scores are answered.
const TOP: usize = 10;

/// Runs a model on a picture.
pub(crate) fn predict(lease: &Lease, rgb: &[u8], width: u32, height: u32) -> Result<Vec<Tensor>, CallError> {
    let picture = Picture::from_rgb(width, height, rgb.to_vec()).map_err(|error| CallError::WrongArguments {
        function: export::PREDICT.into(),
        expected: "a picture of RGB".into(),
        given: format!("something else: {error}"),
    })?;
    lease.predict(&picture)
}

/// The outputs with their names, and the highest scores of the first one, as a node answers them.
pub(crate) fn json(outputs: &[Tensor], labels: &[String]) -> Result<String, CallError> {
    let named = |output: &Tensor| {
        let text = output.to_json().map_err(|error| CallError::BadAnswer {
            wanted: "a value with a form in JSON",
            reason: format!("{error}; take the outputs as tensors"),
        })?;
        let fields = text.trim_start_matches('{');
        Ok(format!("{{\"name\":{},{fields}", Value::from(output.name.as_str())))
    };
    let texts = outputs.iter().map(named).collect::<Result<Vec<_>, CallError>>()?;
    Ok(format!("{{\"outputs\":[{}],\"top\":{}}}", texts.join(","), ranking(outputs, labels)))
}

/// `null` where the first output is no row of scores.
fn ranking(outputs: &[Tensor], labels: &[String]) -> Value {
    let ranked = |(ranked, probability): (Ranked, f64)| {
        let score = f64::from(ranked.score);
        json!({ "index": ranked.class, "label": ranked.label, "probability": probability, "score": score })
    };
    let top = outputs.first().and_then(|output| top_shares(output, TOP, labels));
    top.map_or(Value::Null, |top| top.into_iter().map(ranked).collect())
}
