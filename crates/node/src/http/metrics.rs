//! Numbers for Prometheus.

use std::fmt;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::failure::Failure;
use super::interface::Interface;
use super::lanes::Lane;
use super::openapi::EveryRequest;
use crate::body::{Node, Route, Slot};

type Labels = Vec<(&'static str, String)>;
/// Name, meaning and number of a counter.
type Counted = (&'static str, &'static str, fn(&Route) -> u64);

/// Numbers for Prometheus
///
/// Calls, failures, queues, losses and the upstream node, in the text format of version 0.0.4.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "show_metrics",
    tag = "node",
    responses((status = 200, description = "The numbers", body = String), EveryRequest)
)]
pub(super) async fn metrics(State(interface): State<Interface>) -> Result<Response, Failure> {
    let written = interface.ask(Lane::Look, |node| text(&node.status(), &node.slots(), &node.routes()));
    let text = written.await?.map_err(|error| Failure::internal(&error))?;
    let content_type = HeaderValue::from_static(prometheus_text::CONTENT_TYPE);
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}

fn text(node: &Node, slots: &[Slot], routes: &[Route]) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("wasmtube");
    let labels = vec![("version", node.version.clone())];
    registry.register("build", "The program", Info::new(labels));
    let labels = vec![("name", node.name.clone()), ("layer", node.layer.clone())];
    registry.register("node", "The node", Info::new(labels));
    of_node(&mut registry, node);
    of_slots(&mut registry, slots);
    of_routes(&mut registry, routes);
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}

fn of_node(registry: &mut Registry, node: &Node) {
    seconds(registry, "start_time", "When the node started, since the Unix epoch", [(vec![], node.since)]);
    let refused = u64::from(node.configuration.refused.is_some());
    let help = "Whether the configuration file holds what cannot come into effect";
    gauges(registry, "configuration_refused", help, [(vec![], refused)]);
    let Some(upstream) = &node.upstream else { return };
    let one = |number: u64| [(vec![], number)];
    gauges(
        registry,
        "upstream_reachable",
        "Whether the upstream node answered last time",
        one(upstream.reachable.into()),
    );
    gauges(registry, "upstream_waiting_events", "Events that wait for an acknowledgement", one(upstream.waiting));
    gauges(registry, "upstream_buffer_capacity", "Events that may wait at most", one(upstream.capacity));
    counters(registry, "upstream_acknowledged_events", "Events that were acknowledged", one(upstream.acknowledged));
    counters(
        registry,
        "upstream_dropped_events",
        "Events that were dropped because the buffer was full",
        one(upstream.dropped),
    );
}

fn of_slots(registry: &mut Registry, slots: &[Slot]) {
    let live = |slot: &Slot| (vec![("slot", slot.name.clone())], u64::from(slot.live.is_some()));
    gauges(registry, "slot_live", "Whether the slot has a live version", slots.iter().map(live));
    let versions = || {
        slots.iter().filter_map(|slot| {
            let live = slot.live.as_ref()?;
            Some((vec![("slot", slot.name.clone()), ("digest", live.digest.clone())], live))
        })
    };
    let calls = versions().map(|(labels, live)| (labels, live.calls));
    counters(registry, "slot_calls", "Calls that the live version answered", calls);
    let failures = versions().map(|(labels, live)| (labels, live.failed));
    counters(registry, "slot_call_failures", "Calls that failed in the live version", failures);
    let since = versions().map(|(labels, live)| (labels, live.since));
    seconds(registry, "slot_version_start_time", "When the live version went live, since the Unix epoch", since);
}

fn of_routes(registry: &mut Registry, routes: &[Route]) {
    let labeled = |number: fn(&Route) -> u64| {
        routes.iter().map(move |route| (vec![("route", route.name.clone())], number(route)))
    };
    let counted: [Counted; 9] = [
        ("route_received_values", "Values that came in", |route| route.counters.received),
        ("route_read_failures", "Values that could not be read", |route| route.counters.read_failures),
        ("route_dropped_events", "Events that the queue dropped", |route| route.counters.dropped),
        ("route_calls", "Calls that were answered", |route| route.counters.calls),
        ("route_call_failures", "Calls that failed", |route| route.counters.call_failures),
        ("route_written_events", "Events that sinks took", |route| route.counters.written),
        ("route_write_failures", "Events that a sink did not take", |route| route.counters.write_failures),
        ("route_missed_values", "Times that a value was due while the source was not ready", |route| {
            route.counters.missed
        }),
        ("route_duplicate_events", "Events that had come before", |route| route.counters.duplicates),
    ];
    for (name, help, number) in counted {
        counters(registry, name, help, labeled(number));
    }
    gauges(registry, "route_queue_length", "Events in the queue", labeled(|route| route.queued));
    gauges(registry, "route_queue_capacity", "Events that the queue holds", labeled(|route| route.queue_capacity));
    gauges(registry, "route_ended", "Whether the source has no more values", labeled(|route| route.ended.into()));
    seconds(registry, "route_start_time", "When the route began, since the Unix epoch", labeled(|route| route.start));
}

/// A counter for each of these labels. Its name ends in `_total`.
fn counters(registry: &mut Registry, name: &str, help: &str, numbers: impl IntoIterator<Item = (Labels, u64)>) {
    let write: Write<u64> = |mut encoder, number| encoder.encode_counter::<NoLabelSet, _, u64>(&number, None);
    let numbers = numbers.into_iter().collect();
    registry.register(name, help, Numbers { metric_type: MetricType::Counter, numbers, write });
}

fn gauges(registry: &mut Registry, name: &str, help: &str, numbers: impl IntoIterator<Item = (Labels, u64)>) {
    let write: Write<u64> = |mut encoder, number| encoder.encode_gauge(&number);
    let numbers = numbers.into_iter().collect();
    registry.register(name, help, Numbers { metric_type: MetricType::Gauge, numbers, write });
}

/// Moments, given in microseconds. The name ends in `_seconds`.
fn seconds(registry: &mut Registry, name: &str, help: &str, micros: impl IntoIterator<Item = (Labels, u64)>) {
    #[allow(clippy::cast_precision_loss, reason = "exact to the microsecond for centuries")]
    let seconds = |(labels, micros): (Labels, u64)| (labels, micros as f64 / 1e6);
    let write: Write<f64> = |mut encoder, number| encoder.encode_gauge(&number);
    let numbers = micros.into_iter().map(seconds).collect();
    registry.register_with_unit(name, help, Unit::Seconds, Numbers { metric_type: MetricType::Gauge, numbers, write });
}

type Write<N> = fn(MetricEncoder<'_>, N) -> fmt::Result;

/// Numbers that were read elsewhere, in their order.
#[derive(Debug)]
struct Numbers<N> {
    metric_type: MetricType,
    numbers: Vec<(Labels, N)>,
    write: Write<N>,
}

impl<N: Copy + fmt::Debug> EncodeMetric for Numbers<N> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let mut write = |(labels, number): &(Labels, N)| (self.write)(encoder.encode_family(labels)?, *number);
        self.numbers.iter().try_for_each(&mut write)
    }

    fn metric_type(&self) -> MetricType {
        self.metric_type
    }

    fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

#[cfg(test)]
mod tests;
