//! Hand-over of the newest value between threads: cannot grow, never blocks on the reader.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Holds the newest value only. Writers publish, any number of readers look; a wake-up is called on each publication.
pub struct Latest<T> {
    slot: Mutex<Option<Arc<T>>>,
    /// No reader has looked since the last publication.
    unseen: AtomicBool,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl<T> Latest<T> {
    /// An empty cell that calls `wake` after each publication; `wake` must not block.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { slot: Mutex::new(None), unseen: AtomicBool::new(false), wake: Box::new(wake) }
    }

    /// Replaces the value and wakes the reader.
    pub fn publish(&self, value: T) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(value));
        self.unseen.store(true, Ordering::Release);
        (self.wake)();
    }

    /// The newest value, if there is one, and marks it as seen.
    pub fn get(&self) -> Option<Arc<T>> {
        self.unseen.store(false, Ordering::Release);
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest value, if there is one that was not taken yet.
    pub fn take(&self) -> Option<Arc<T>> {
        self.unseen.store(false, Ordering::Release);
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether a reader has looked since the last publication (or nothing was published yet), so that a new
    /// value is worth making.
    pub fn is_wanted(&self) -> bool {
        !self.unseen.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn keeps_only_the_newest_and_wakes_each_time() {
        let woken = Arc::new(AtomicUsize::new(0));
        let latest = Latest::new({
            let woken = Arc::clone(&woken);
            move || {
                woken.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert!(latest.get().is_none());
        latest.publish(1);
        latest.publish(2);
        assert_eq!(latest.get().as_deref(), Some(&2));
        assert_eq!(woken.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_value_is_wanted_once_the_last_one_was_seen() {
        let latest = Latest::new(|| ());
        assert!(latest.is_wanted());
        latest.publish(1);
        assert!(!latest.is_wanted());
        latest.get();
        assert!(latest.is_wanted());
    }
}
