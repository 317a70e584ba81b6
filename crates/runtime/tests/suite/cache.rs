//! Compiled code that is kept: found by the next engine, and never trusted without proof.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use runtime::{CacheOptions, CacheStatus, Convention, Engine, EngineOptions, LoadOptions, Mode, Tensor, Version};
use rustix::thread::CapabilitySet;
use tempfile::TempDir;

use crate::component::{ROOM, SUMS};
use crate::guest::{answer, answering, sealed, wasm};
use crate::model::{DOUBLE, doubled};

const PLENTY: u64 = 64 << 20;
/// Bytes of the tag beside the code.
const TAG_BYTES: usize = 56;

/// A folder for compiled code, below one that is removed.
struct Place {
    _parent: TempDir,
    folder: PathBuf,
}

impl Place {
    fn new() -> Self {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("code");
        Self { _parent: parent, folder }
    }

    fn engine(&self) -> Engine {
        self.engine_within(PLENTY)
    }

    fn engine_within(&self, bytes: u64) -> Engine {
        let cache = Some(CacheOptions { folder: self.folder.clone(), bytes });
        Engine::new(EngineOptions { cache, ..EngineOptions::default() }).unwrap()
    }

    /// The files whose names end so.
    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let paths = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect();
        files.sort();
        files
    }

    fn only(&self, ending: &str) -> PathBuf {
        let files = self.files(ending);
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

fn load(engine: &Engine, bytes: Vec<u8>) -> Arc<Version> {
    Arc::new(Version::load(engine, bytes, LoadOptions::default()).unwrap())
}

fn status(engine: &Engine) -> CacheStatus {
    engine.cache().unwrap()
}

/// A new engine loads a module that answers the number; answers what became of the cache.
#[track_caller]
fn check_load(place: &Place, number: i32, was_cached: bool, what: &str) -> CacheStatus {
    let engine = place.engine();
    let version = load(&engine, answering(number));
    assert_eq!(answer(&version.lease()), number, "{what}");
    assert_eq!(version.was_cached(), was_cached, "{what}");
    let status = status(&engine);
    assert_eq!((status.loaded, status.compiled), (u64::from(was_cached), u64::from(!was_cached)), "{what}");
    status
}

/// What was done to the entry of module 1 has it refused, compiled again, and kept again.
#[track_caller]
fn check_refused(place: &Place, what: &str) {
    let status = check_load(place, 1, false, what);
    assert_eq!((status.refused, status.problem, status.entries), (1, None, 1), "{what}");
    check_load(place, 1, true, what);
}

/// A folder with the code of module 1.
fn kept() -> Place {
    let place = Place::new();
    check_load(&place, 1, false, "nothing is kept yet");
    place
}

#[test]
fn a_second_engine_loads_what_the_first_compiled() {
    fn check<R: PartialEq + std::fmt::Debug>(bytes: &[u8], mode: Mode, call: impl Fn(&runtime::Lease) -> R) {
        let place = Place::new();
        let load = |engine: &Engine| {
            let options = LoadOptions { mode, ..LoadOptions::default() };
            Arc::new(Version::load(engine, bytes.to_vec(), options).unwrap())
        };
        let first = place.engine();
        let (compiled, again) = (load(&first), load(&first));
        assert_eq!((compiled.was_cached(), again.was_cached()), (false, true));
        let second = place.engine();
        let cached = load(&second);
        assert!(cached.was_cached());
        let expected = call(&compiled.lease());
        for version in [again, cached] {
            assert_eq!(call(&version.lease()), expected);
        }
        assert_eq!((status(&second).entries, status(&second).loaded, status(&second).compiled), (1, 1, 0));
    }
    check(&answering(7), Mode::Guarded, answer);
    // A trap names its place.
    let trap = wasm(r#"(module (func $deep unreachable) (func (export "v") (call $deep)))"#);
    check(&trap, Mode::Guarded, |lease| format!("{:?}", lease.call_scalars("v", &[]).unwrap_err()));
    check(&wasm(SUMS), Mode::Guarded, |lease| lease.call_json("total", "[1, 2, 39]").unwrap());
    check(&wasm(SUMS), Mode::Guarded, |lease| format!("{:?}", lease.call_json("trap", "").unwrap_err()));
    check(ROOM, Mode::Guarded, |lease| lease.version().interface().functions().len());
    let row = Tensor::from_f32s(vec![1, 4], &[1.0, 2.0, -3.0, 0.5]).unwrap();
    for mode in [Mode::Guarded, Mode::Stepped] {
        check(&sealed(DOUBLE, &doubled()), mode, |lease| {
            lease.infer(std::slice::from_ref(&row)).unwrap()[0].f32s().unwrap().to_vec()
        });
    }
}

#[test]
fn without_a_folder_everything_is_compiled() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    for _ in 0..2 {
        let version = load(&engine, answering(1));
        drop(engine.pin(version.digest()));
        assert!(!version.was_cached());
    }
    assert_eq!(engine.cache(), None);
}

#[test]
fn nobody_else_may_read_what_is_kept() {
    let place = kept();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.folder), 0o700);
    for name in ["key".into(), place.only("code"), place.only("mac")] {
        assert_eq!(mode(&place.folder.join(&name)), 0o600, "{}", name.display());
    }
    assert_eq!(fs::metadata(place.only("mac")).unwrap().len(), TAG_BYTES as u64);
}

#[test]
fn a_tag_that_is_damaged_at_any_byte_proves_nothing() {
    let place = kept();
    let path = place.only("mac");
    for at in 0..TAG_BYTES {
        let mut tag = fs::read(&path).unwrap();
        tag[at] ^= 1;
        fs::write(&path, tag).unwrap();
        check_refused(&place, &format!("byte {at} of the tag"));
    }
}

#[test]
fn code_that_is_damaged_anywhere_is_compiled_again() {
    let place = kept();
    let path = place.only("code");
    for part in 0..100 {
        let mut code = fs::read(&path).unwrap();
        let at = part * (code.len() - 1) / 99;
        code[at] ^= 0x10;
        fs::write(&path, &code).unwrap();
        check_refused(&place, &format!("byte {at} of {} of the code", code.len()));
    }
}

#[test]
fn what_is_cut_or_has_grown_is_compiled_again() {
    let place = kept();
    for ending in ["code", "mac"] {
        let path = place.only(ending);
        let whole = fs::read(&path).unwrap();
        for length in [0, 1, 55, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            check_refused(&place, &format!("{length} bytes of {ending}"));
        }
        fs::write(&path, [&whole[..], b"\0"].concat()).unwrap();
        check_refused(&place, &format!("one byte behind {ending}"));
    }
}

#[test]
fn half_an_entry_is_none() {
    for ending in ["code", "mac"] {
        let place = kept();
        fs::remove_file(place.only(ending)).unwrap();
        let status = status(&place.engine());
        assert_eq!((status.entries, status.bytes, place.files("mac").len()), (0, 0, 0), "without {ending}");
        assert_eq!(check_load(&place, 1, false, ending).refused, 0);
        check_load(&place, 1, true, ending);
    }
}

/// The entry of one file under the name of another.
#[test]
fn the_code_of_another_file_is_not_taken() {
    let place = kept();
    let (code, tag) = (place.only("code"), place.only("mac"));
    check_load(&place, 2, false, "another file");
    for (own, ending) in [(&code, "code"), (&tag, "mac")] {
        let other = place.files(ending).into_iter().find(|path| path != own).unwrap();
        fs::copy(&other, own).unwrap();
    }
    let status = check_load(&place, 1, false, "the code of 2 named as that of 1");
    assert_eq!((status.refused, status.entries), (1, 2));
}

#[test]
fn code_for_another_mode_is_not_taken() {
    let place = Place::new();
    let load = |mode| {
        let options = LoadOptions { mode, ..LoadOptions::default() };
        let engine = place.engine();
        let version = Version::load(&engine, sealed(DOUBLE, &doubled()), options).unwrap();
        (version.was_cached(), status(&engine).refused)
    };
    assert_eq!((load(Mode::Guarded), load(Mode::Stepped)), ((false, 0), (false, 0)));
    assert_eq!((load(Mode::Guarded), load(Mode::Stepped)), ((true, 0), (true, 0)));
    for ending in ["code", "mac"] {
        let files = place.files(ending);
        let between = place.folder.join("between");
        fs::rename(&files[0], &between).unwrap();
        fs::rename(&files[1], &files[0]).unwrap();
        fs::rename(&between, &files[1]).unwrap();
    }
    assert_eq!((load(Mode::Guarded), load(Mode::Stepped)), ((false, 1), (false, 1)));
}

/// Of another version of the engine, of other settings or of another processor.
#[test]
fn code_for_another_environment_is_not_taken() {
    let place = kept();
    for ending in ["code", "mac"] {
        let path = place.only(ending);
        let name = path.file_name().unwrap().to_str().unwrap();
        let (digest, environment) = name.split_once('-').unwrap();
        let other = environment.replace(|c: char| c.is_ascii_hexdigit() && c < 'a', "7");
        fs::rename(&path, place.folder.join(format!("{digest}-{}", &other[..33 - 1]) + "." + ending)).unwrap();
    }
    let status = check_load(&place, 1, false, "another environment");
    assert_eq!((status.refused, status.entries), (0, 2), "it stays for whom it is for");
}

#[test]
fn code_that_was_written_under_another_secret_is_not_taken() {
    let (place, other) = (kept(), kept());
    for ending in ["code", "mac"] {
        fs::copy(other.only(ending), place.only(ending)).unwrap();
    }
    check_refused(&place, "of another node");
    fs::remove_file(place.folder.join("key")).unwrap();
    check_refused(&place, "the secret is lost");
    fs::write(place.folder.join("key"), b"short").unwrap();
    check_refused(&place, "the secret is cut");
    fs::set_permissions(place.folder.join("key"), fs::Permissions::from_mode(0o644)).unwrap();
    check_refused(&place, "the secret may be known to others");
}

#[test]
fn what_others_may_write_and_what_is_no_file_is_not_taken() {
    for ending in ["code", "mac"] {
        let place = kept();
        let path = place.only(ending);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
        check_refused(&place, "others may write it");
        let elsewhere = place.folder.join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        // A tag that is no file is half an entry.
        let engine = place.engine();
        let version = load(&engine, answering(1));
        assert!(!version.was_cached(), "a link in place of {ending}");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        check_load(&place, 1, true, "it is kept again");
    }
}

/// What was proven is mapped from its descriptor, whatever its name leads to by now.
#[test]
fn what_was_proven_is_not_looked_up_by_its_name_again() {
    for bytes in [answering(1), wasm(SUMS)] {
        let place = Place::new();
        let engine = place.engine();
        load(&engine, bytes.clone());
        let path = place.only("code");
        let foreign = place.folder.join("foreign");
        fs::write(&foreign, b"foreign").unwrap();
        fs::rename(&foreign, &path).unwrap();
        let version = load(&engine, bytes.clone());
        assert!(version.was_cached());
        fs::remove_dir_all(&place.folder).unwrap();
        let again = load(&engine, bytes);
        assert!(again.was_cached());
        for version in [version, again] {
            let lease = version.lease();
            match version.interface().convention {
                Convention::Component => assert_eq!(lease.call_json("total", "[1]").unwrap(), "1"),
                _ => assert_eq!(answer(&lease), 1),
            }
        }
    }
}

#[test]
fn the_folder_holds_no_more_than_it_may() {
    let place = kept();
    let entry = status(&place.engine()).bytes;
    let limit = 3 * entry + entry / 2;
    let engine = place.engine_within(limit);
    for number in 1..=10 {
        load(&engine, answering(number));
        let on_disk: u64 = ["code", "mac"]
            .iter()
            .flat_map(|ending| place.files(ending))
            .map(|path| fs::metadata(path).unwrap().len())
            .sum();
        let status = status(&engine);
        assert!(on_disk <= limit && on_disk == status.bytes, "{on_disk} of {limit}, {status:?}");
    }
    assert_eq!((status(&engine).entries, status(&engine).problem), (3, None));
    let was_cached = |engine: &Engine, number| load(engine, answering(number)).was_cached();
    assert!(was_cached(&engine, 8));
    assert!(!was_cached(&engine, 11));
    // 9 was used the longest time ago, and another engine knows.
    let next = place.engine_within(limit);
    assert!(!was_cached(&next, 9) && was_cached(&next, 11));
    // Of what is too much under a smaller limit, what is in use stays.
    let least = place.engine_within(entry);
    let running = load(&least, answering(11));
    assert_eq!((running.was_cached(), status(&least).entries, place.files("code").len()), (true, 1, 1));
}

#[test]
fn what_is_in_use_or_pinned_is_not_removed() {
    let place = kept();
    let entry = status(&place.engine()).bytes;
    let engine = place.engine_within(2 * entry + entry / 2);
    let is_kept = |number| load(&place.engine(), answering(number)).was_cached();
    let running = load(&engine, answering(1));
    let pin = engine.pin(load(&engine, answering(2)).digest());
    for number in 3..6 {
        load(&engine, answering(number));
    }
    let full = status(&engine);
    assert_eq!((full.entries, full.bytes), (2, 2 * entry));
    let problem = full.problem.unwrap();
    assert!(problem.contains("do not fit") && problem.contains("allow more"), "{problem}");
    drop(pin);
    load(&engine, answering(6));
    assert_eq!(status(&engine).problem, None);
    assert_eq!(answer(&running.lease()), 1);
    assert!(is_kept(1) && is_kept(6));
    drop(running);
    for number in 7..9 {
        load(&engine, answering(number));
    }
    assert!(!is_kept(1));
}

#[test]
fn few_descriptors_stay_open() {
    let place = Place::new();
    let engine = place.engine();
    for number in 0..50 {
        load(&engine, answering(number));
    }
    let links = fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let open = links.filter(|path| path.starts_with(&place.folder)).count();
    assert!((1..=32).contains(&open), "{open}");
    assert!(load(&engine, answering(0)).was_cached(), "it is proven again");
}

/// Runs on a thread that has the rights of its user only, even where that is root.
fn without_privileges<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mut sets = rustix::thread::capabilities(None).unwrap();
            let overriding = CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH | CapabilitySet::FOWNER;
            sets.effective.remove(overriding);
            rustix::thread::set_capabilities(None, sets).unwrap();
            work()
        });
        worker.join().unwrap()
    })
}

#[test]
fn a_read_only_folder_only_costs_time() {
    let place = kept();
    fs::set_permissions(&place.folder, fs::Permissions::from_mode(0o500)).unwrap();
    without_privileges(|| {
        assert_eq!(check_load(&place, 1, true, "what is there is loaded").problem, None);
        let status = check_load(&place, 2, false, "what is not there cannot be kept");
        let problem = status.problem.unwrap();
        assert!(problem.contains("cannot be kept in") && problem.contains("Permission denied"), "{problem}");
        assert_eq!(status.entries, 1);
        check_load(&place, 2, false, "nor the next time");
    });
    fs::set_permissions(place.only("code"), fs::Permissions::from_mode(0o000)).unwrap();
    without_privileges(|| {
        assert_eq!(check_load(&place, 1, false, "what cannot be read is compiled").refused, 1);
    });
    fs::set_permissions(&place.folder, fs::Permissions::from_mode(0o700)).unwrap();
    without_privileges(|| check_refused(&place, "what cannot be read is written again"));
}

#[test]
fn a_folder_that_cannot_be_used_only_costs_time() {
    #[track_caller]
    fn check(place: &Place, expected: &str) {
        for number in 1..3 {
            let status = check_load(place, number, false, expected);
            let problem = status.problem.unwrap();
            assert!(problem.contains(expected), "{problem}");
            assert_eq!((status.entries, status.bytes), (0, 0));
        }
    }
    let open = kept();
    fs::set_permissions(&open.folder, fs::Permissions::from_mode(0o755)).unwrap();
    check(&open, "others may use it, its mode is 755: it must be 700");
    let file = Place::new();
    fs::write(&file.folder, b"").unwrap();
    check(&file, "cannot be used: it is not a folder");
    let nowhere = Place { folder: "/proc/none/code".into(), ..Place::new() };
    check(&nowhere, "cannot be used: No such file or directory");
}

/// Threads that want the same file at once, while others have its entry removed.
#[test]
fn many_threads_want_the_same() {
    let place = kept();
    let entry = status(&place.engine()).bytes;
    let engine = place.engine_within(2 * entry);
    thread::scope(|scope| {
        for first in 0..4 {
            let engine = &engine;
            scope.spawn(move || {
                for round in 0..15 {
                    let number = (first + round) % 4;
                    assert_eq!(answer(&load(engine, answering(number)).lease()), number);
                }
            });
        }
    });
    let status = status(&engine);
    assert_eq!((status.loaded + status.compiled, status.refused), (60, 0), "{status:?}");
}
