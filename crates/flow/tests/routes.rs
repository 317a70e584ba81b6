//! Routes from source to sink, under a clock that the test turns.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use runtime::{Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, Version};
use serde_json::{Value, json};
use wasmtube_flow as flow;

use flow::memory::{NoFunctions, Silent, VecSink, VecSource};
use flow::{
    CallSpec, Clock as _, Event, Functions, Input, Policy, QueueSpec, Route, RouteParts, Seen, Sink, SinkError, Source,
    SourceError, Timestamp, VirtualClock, WindowSpec,
};

const LONG: Duration = Duration::from_secs(60);
const EPOCH: Timestamp = Timestamp(1_000_000_000_000_000);

fn count(size: usize) -> NonZeroUsize {
    NonZeroUsize::new(size).unwrap()
}

fn parts(input: Input, sinks: Vec<Box<dyn Sink>>) -> RouteParts {
    RouteParts {
        name: "route".into(),
        origin: "node".into(),
        input,
        queue: QueueSpec { capacity: count(64), policy: Policy::Block },
        window: None,
        call: None,
        sinks,
    }
}

fn polled(values: Vec<Result<Value, SourceError>>, every: Option<Duration>) -> Input {
    Input::Polled { source: Box::new(VecSource::new(values)), every }
}

fn numbers(numbers: std::ops::Range<u64>) -> Vec<Result<Value, SourceError>> {
    numbers.map(|number| Ok(number.into())).collect()
}

fn start(parts: RouteParts, clock: &Arc<VirtualClock>, observer: &Arc<Silent>) -> Route {
    start_with(parts, Arc::new(NoFunctions), clock, observer)
}

fn start_with(
    parts: RouteParts,
    functions: Arc<dyn Functions>,
    clock: &Arc<VirtualClock>,
    observer: &Arc<Silent>,
) -> Route {
    Route::start(parts, functions, Arc::clone(clock) as _, Arc::clone(observer) as _).unwrap()
}

fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::new(EPOCH))
}

/// Waits for what other threads are about to do.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn values(sink: &VecSink) -> Vec<Value> {
    sink.events().into_iter().map(|event| event.value).collect()
}

fn sequences(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.id.sequence).collect()
}

/// Functions on numbers and on JSON: `double`, and `count` which answers `1` for whatever it is given.
struct One(Slot);

impl Functions for One {
    fn slot(&self, name: &str) -> Option<Slot> {
        (name == self.0.name()).then(|| self.0.clone())
    }
}

fn functions(text: &str) -> Arc<One> {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let version = Version::load(&engine, wat::parse_str(text).unwrap(), LoadOptions::default()).unwrap();
    Arc::new(One(Slot::new("slot", version, SlotPolicy::default()).unwrap()))
}

const DOUBLE: &str =
    r#"(module (func (export "double") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 2))))"#;

#[test]
fn events_pass_through_in_order_with_their_identity() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let route = start(parts(polled(numbers(0..1000), None), vec![Box::new(sink.clone())]), &clock(), &observer);
    observer.wait_for_end(LONG).unwrap();
    let events = sink.events();
    assert_eq!(sequences(&events), (0..1000).collect::<Vec<_>>());
    assert!(events.iter().all(|event| event.id.stream == *route.stream() && event.time == EPOCH));
    let status = route.status();
    assert_eq!((status.counters.received, status.counters.written, status.ended), (1000, 1000, true));
    assert_eq!((status.received.len(), status.outcomes.last()), (120, events.last()));
    assert_eq!((observer.heard(), status.problem), (vec!["ended".to_owned()], None));
    assert_eq!(route.stop(LONG), flow::Stopped { left: 0, unfinished: 0, stuck: 0 });
}

#[test]
fn a_source_is_asked_at_its_pace() {
    let (sink, observer, clock) = (VecSink::new(), Arc::new(Silent::default()), clock());
    let input = polled(numbers(0..100), Some(Duration::from_secs(1)));
    let route = start(parts(input, vec![Box::new(sink.clone())]), &clock, &observer);
    wait_until("the first value is due at once", || sink.events().len() == 1);
    clock.advance(Duration::from_millis(999));
    clock.advance(Duration::from_millis(1));
    wait_until("a second has passed", || sink.events().len() == 2);
    // A reader that sleeps too long makes up for what it missed, as long as that is not too much.
    clock.advance(Duration::from_secs(5));
    wait_until("five more", || sink.events().len() == 7);
    let times: Vec<u64> = sink.events().iter().map(|event| event.time.0 - EPOCH.0).collect();
    assert_eq!(times[..2], [0, 1_000_000]);
    clock.advance(Duration::from_secs(40));
    wait_until("some are skipped", || route.status().counters.missed > 0);
    assert_eq!(clock.now(), Duration::from_secs(46));
    wait_until("the rest was made up for", || {
        let counters = route.status().counters;
        counters.received + counters.missed == 47
    });
    assert_eq!(route.stop(LONG).stuck, 0);
}

#[test]
fn windows_go_to_the_function_and_outcomes_are_new_events() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let mut parts = parts(polled(numbers(0..3), None), vec![Box::new(sink.clone())]);
    parts.window = Some(WindowSpec::Count { size: count(1), every: count(1) });
    parts.call = Some(CallSpec { slot: "slot".into(), function: "double".into(), field: None });
    let route = start_with(parts, functions(DOUBLE), &clock(), &observer);
    observer.wait_for_end(LONG).unwrap();
    assert_eq!(values(&sink), [json!(0.0), json!(2.0), json!(4.0)]);
    assert_eq!(sequences(&sink.events()), [0, 1, 2]);
    assert_eq!(route.status().counters.calls, 3);
}

#[test]
fn an_unfinished_window_is_counted_at_the_end() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let mut parts = parts(polled(numbers(0..5), None), vec![Box::new(sink.clone())]);
    parts.window = Some(WindowSpec::Count { size: count(2), every: count(2) });
    let route = start(parts, &clock(), &observer);
    observer.wait_for_end(LONG).unwrap();
    assert_eq!(values(&sink), [json!([0, 1]), json!([2, 3])]);
    assert_eq!(route.stop(LONG), flow::Stopped { left: 0, unfinished: 1, stuck: 0 });
}

#[test]
fn time_completes_a_window() {
    let (sink, observer, clock) = (VecSink::new(), Arc::new(Silent::default()), clock());
    let mut parts = parts(Input::Pushed, vec![Box::new(sink.clone())]);
    parts.window = Some(WindowSpec::Time { length: Duration::from_secs(10) });
    let route = start(parts, &clock, &observer);
    assert_eq!(route.inlet().push(vec![json!("a"), json!("b")], LONG), Ok(2));
    wait_until("both wait", || route.status().queued == 0);
    clock.advance(Duration::from_secs(10));
    wait_until("the interval is over", || !sink.events().is_empty());
    assert_eq!(values(&sink), [json!(["a", "b"])]);
}

#[test]
fn a_failing_call_is_told_once_and_its_end_too() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let given = vec![Ok(json!(1)), Ok(json!("x")), Ok(json!("y")), Ok(json!(2)), Ok(json!("z"))];
    let mut parts = parts(polled(given, None), vec![Box::new(sink.clone())]);
    parts.call = Some(CallSpec { slot: "slot".into(), function: "double".into(), field: None });
    let route = start_with(parts, functions(DOUBLE), &clock(), &observer);
    observer.wait_for_end(LONG).unwrap();
    assert_eq!(values(&sink), [json!(2.0), json!(4.0)]);
    let counters = route.status().counters;
    assert_eq!((counters.calls, counters.call_failures), (2, 3));
    assert_eq!(
        observer.heard(),
        [
            "problem: `double` takes f64, but the value is \"x\"",
            "recovered: `double` takes f64, but the value is \"y\"",
            "problem: `double` takes f64, but the value is \"z\"",
            "ended",
        ]
    );
    assert_eq!(route.status().problem.as_deref(), Some("`double` takes f64, but the value is \"z\""));
}

#[test]
fn a_failing_source_is_asked_again() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let failure = || Err(SourceError { reason: "the sensor is gone".into() });
    let given = vec![failure(), failure(), Ok(json!(7))];
    let input = polled(given, Some(Duration::from_millis(0)));
    let route = start(parts(input, vec![Box::new(sink.clone())]), &clock(), &observer);
    observer.wait_for_end(LONG).unwrap();
    assert_eq!((values(&sink), sequences(&sink.events())), (vec![json!(7)], vec![0]));
    assert_eq!(route.status().counters.read_failures, 2);
    assert_eq!(observer.heard(), ["problem: the sensor is gone", "recovered: the sensor is gone", "ended"]);
}

struct Deaf;

impl Sink for Deaf {
    fn write(&mut self, event: &Event) -> Result<(), SinkError> {
        Err(SinkError { reason: format!("no place for {}", event.value) })
    }
}

#[test]
fn a_failing_sink_does_not_hinder_the_others() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(Deaf), Box::new(sink.clone())];
    let route = start(parts(polled(numbers(0..3), None), sinks), &clock(), &observer);
    observer.wait_for_end(LONG).unwrap();
    let counters = route.status().counters;
    assert_eq!((counters.written, counters.write_failures, sink.events().len()), (3, 3, 3));
    assert_eq!(observer.heard(), ["problem: no place for 0", "ended"]);
}

struct Panics;

impl Source for Panics {
    fn read(&mut self) -> Result<Option<Value>, SourceError> {
        panic!("a defect of the source, for this test");
    }
}

#[test]
fn a_panic_ends_the_route_and_nothing_else() {
    let observer = Arc::new(Silent::default());
    let input = Input::Polled { source: Box::new(Panics), every: None };
    let route = start(parts(input, vec![]), &clock(), &observer);
    wait_until("the route ends", || route.status().ended);
    assert!(route.status().problem.unwrap().contains("please report it"));
}

#[test]
fn delivered_events_arrive_once_whatever_is_repeated() {
    let (sink, observer) = (VecSink::new(), Arc::new(Silent::default()));
    let route = start(parts(Input::Received(Seen::new()), vec![Box::new(sink.clone())]), &clock(), &observer);
    let event = |sequence| flow::memory::event(sequence, EPOCH);
    let inlet = route.inlet();
    let acknowledged = |events: Vec<u64>| {
        let delivered = inlet.deliver(events.into_iter().map(event).collect(), LONG).unwrap();
        assert!(delivered.refused.is_empty());
        delivered.acknowledged.iter().map(|id| id.sequence).collect::<Vec<_>>()
    };
    assert_eq!(acknowledged(vec![0, 1, 2]), [2]);
    assert_eq!(acknowledged(vec![0, 1, 2]), [2], "the acknowledgement was lost");
    assert_eq!(acknowledged(vec![2, 3]), [3]);
    assert_eq!(acknowledged(vec![]), [0; 0]);
    wait_until("all are written", || sink.events().len() == 4);
    assert_eq!(sink.events(), (0..4).map(event).collect::<Vec<_>>(), "identity and time are those of the origin");
    assert_eq!(route.status().counters.duplicates, 4);
    assert!(inlet.push(vec![json!(1)], LONG).unwrap_err().to_string().contains("takes no values"));
}

/// Lets events through one by one.
struct Gate(std::sync::mpsc::Receiver<()>);

impl Sink for Gate {
    fn write(&mut self, _: &Event) -> Result<(), SinkError> {
        self.0.recv().map_err(|_| SinkError { reason: "closed".into() })
    }
}

#[test]
fn what_finds_no_place_is_not_acknowledged() {
    let observer = Arc::new(Silent::default());
    let (open, gate) = std::sync::mpsc::channel();
    let mut parts = parts(Input::Received(Seen::new()), vec![Box::new(Gate(gate))]);
    parts.queue.capacity = count(2);
    let route = start(parts, &clock(), &observer);
    let inlet = route.inlet();
    let events = |range: std::ops::Range<u64>| range.map(|sequence| flow::memory::event(sequence, EPOCH)).collect();
    inlet.deliver(events(0..1), LONG).unwrap();
    wait_until("the first is at the sink", || route.status().queued == 0);
    let delivered = inlet.deliver(events(1..6), Duration::ZERO).unwrap();
    assert_eq!((delivered.acknowledged[0].sequence, delivered.refused.len()), (2, 1));
    for _ in 0..3 {
        open.send(()).unwrap();
    }
    wait_until("the queue is empty", || route.status().queued == 0);
    let delivered = inlet.deliver(events(3..5), LONG).unwrap();
    assert_eq!((delivered.acknowledged[0].sequence, delivered.refused.len()), (4, 0));
    drop(open);
    assert_eq!(route.stop(LONG).left, 0);
}

#[test]
fn a_route_that_takes_the_place_of_another_knows_what_that_has_taken() {
    let (seen, sink) = (Seen::new(), VecSink::new());
    for range in [0..3, 1..5] {
        let observer = Arc::new(Silent::default());
        let route = start(parts(Input::Received(seen.clone()), vec![Box::new(sink.clone())]), &clock(), &observer);
        route.inlet().deliver(range.map(|sequence| flow::memory::event(sequence, EPOCH)).collect(), LONG).unwrap();
        assert_eq!(route.stop(LONG).left, 0);
    }
    let sequences: Vec<u64> = sink.events().iter().map(|event| event.id.sequence).collect();
    assert_eq!(sequences, [0, 1, 2, 3, 4]);
}

#[test]
fn a_sink_that_never_returns_is_reported() {
    let observer = Arc::new(Silent::default());
    let (open, gate) = std::sync::mpsc::channel();
    let route = start(parts(polled(numbers(0..5), None), vec![Box::new(Gate(gate))]), &clock(), &observer);
    wait_until("all are read", || route.status().queued == 4);
    let stopped = route.stop(Duration::from_millis(10));
    assert_eq!((stopped.left, stopped.stuck), (4, 1));
    drop(open);
}

#[test]
fn a_full_queue_drops_what_its_policy_says_and_counts_it() {
    let observer = Arc::new(Silent::default());
    let (open, gate) = std::sync::mpsc::channel();
    let mut parts = parts(Input::Pushed, vec![Box::new(Gate(gate))]);
    parts.queue = QueueSpec { capacity: count(2), policy: Policy::DropOldest };
    let route = start(parts, &clock(), &observer);
    assert_eq!(route.inlet().push(vec![json!(0)], LONG), Ok(1));
    wait_until("the first is at the sink", || route.status().queued == 0);
    assert_eq!(route.inlet().push((1..6).map(Value::from).collect(), LONG), Ok(5));
    let status = route.status();
    assert_eq!((status.queued, status.counters.dropped, status.counters.received), (2, 3, 6));
    drop(open);
}
