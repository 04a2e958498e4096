"""What Python, pymemcache and Django make of a running server's shared cache: unittest, with DARTER_VALUES in the environment."""

import os
import threading
import time
import unittest

import django
import pymemcache
from darter import cache
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import InvalidCacheKey
from pymemcache import serde

ADDRESS = os.environ["DARTER_VALUES"]
BACKEND = {"BACKEND": "darter.django.cache.DarterCache"}

settings.configure(
    CACHES={
        "default": BACKEND,
        "prefix": dict(BACKEND, KEY_PREFIX="other", VERSION=2, TIMEOUT=None),
        "named": dict(BACKEND, LOCATION=ADDRESS, OPTIONS={"timeout": 20}),
        "function": dict(BACKEND, KEY_FUNCTION=lambda key, prefix, version: "x".join([prefix, str(version), key])),
        "pymemcache": {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache", "LOCATION": ADDRESS},
    }
)
django.setup()


def gone(read):
    """Waits until something is not there any more."""
    end = time.monotonic() + 60
    while read():
        if time.monotonic() > end:
            raise AssertionError("it does not expire")
        time.sleep(0.05)


class Fresh(unittest.TestCase):
    def setUp(self):
        cache.clear()


class CacheTests(Fresh):
    def test_values_come_back_as_they_were(self):
        for value in ("text ü \ud800", b"\x00\r\n\xff", 0, -7, 2**80, True, None, 1.5, [1, {"a": (2,)}], "", b"", {1, 2}):
            self.assertTrue(cache.set("key", value))
            found = cache.get("key", "default")
            self.assertEqual((type(found), found), (type(value), value))
        self.assertEqual(cache.get("other", "default"), "default")

    def test_many(self):
        values = {"key{}".format(i): i for i in range(1000)}
        self.assertEqual(cache.set_many(values), [])
        self.assertEqual(cache.get_many(list(values) + ["missing"]), values)
        self.assertEqual(cache.delete_many(list(values) + ["missing"]), 1000)
        self.assertEqual(cache.get_many(values), {})
        self.assertEqual((cache.get_many([]), cache.set_many({}), cache.delete_many([])), ({}, [], 0))

    def test_conditions(self):
        self.assertEqual((cache.replace("key", 1), cache.add("key", 1), cache.add("key", 2), cache.replace("key", 3)), (False, True, False, True))
        self.assertEqual((cache.get("key"), cache.delete("key"), cache.delete("key")), (3, True, False))
        self.assertEqual(cache.gets("key"), (None, None))
        cache.set("key", "a")
        value, token = cache.gets("key")
        self.assertEqual((value, cache.cas("key", "b", token), cache.cas("key", "c", token), cache.get("key")), ("a", True, False, "b"))

    def test_counting(self):
        self.assertIsNone(cache.incr("n"))
        self.assertEqual((cache.incr("n", initial=5), cache.incr("n", 3, initial=5), cache.decr("n", 10), cache.get("n")), (5, 8, -2, -2))
        cache.set("n", "text")
        with self.assertRaises(ValueError):
            cache.incr("n")
        cache.set("n", 2**63 - 1)
        with self.assertRaises(ValueError):
            cache.incr("n")

    def test_counting_in_threads_loses_nothing(self):
        threads = [threading.Thread(target=lambda: [cache.incr("n", initial=1) for _ in range(200)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(cache.get("n"), 1600)

    def test_fork_has_a_connection_of_its_own(self):
        cache.set("n", 0)
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = 0 if [cache.incr("n") for _ in range(100)][-1] >= 100 else 1
                finally:
                    os._exit(status)
            children.append(child)
        for _ in range(100):
            cache.incr("n")
        self.assertEqual([os.waitpid(child, 0)[1] for child in children], [0] * 4)
        self.assertEqual(cache.get("n"), 500)

    def test_times(self):
        cache.set("short", 1, ttl=0.5)
        cache.set("date", 1, ttl=31 * 24 * 3600)
        cache.set("past", 1, ttl=0)
        cache.set("touched", 1, ttl=1)
        self.assertEqual((cache.touch("touched"), cache.touch("missing", 5)), (True, False))
        self.assertIsNone(cache.get("past"))
        gone(lambda: cache.get("short"))
        self.assertEqual((cache.get("date"), cache.get("touched")), (1, 1))

    def test_values_that_are_too_large_are_not_kept(self):
        cache.set("key", 1)
        self.assertEqual((cache.set("key", b"x" * (1 << 20)), len(cache.get("key"))), (True, 1 << 20))
        self.assertEqual((cache.set("key", b"x" * ((1 << 20) + 1)), cache.get("key")), (False, None))
        self.assertEqual(cache.set_many({"a": 1, "b": b"x" * (2 << 20), "c": 2}), ["b"])
        self.assertEqual(cache.get_many("abc"), {"a": 1, "c": 2})

    def test_keys_that_are_none(self):
        for key in ("", "with space", "line\n", "k" * 251, "ü" * 126, "\x7f"):
            with self.assertRaises(ValueError):
                cache.get(key)
        self.assertTrue(cache.set("ü" * 125, 1))

    def test_an_address_in_hand(self):
        own = cache.Cache(ADDRESS)
        own.set("key", "value")
        own.close()
        self.assertEqual((own.get("key"), cache.get("key")), ("value", "value"))


class PymemcacheTests(Fresh):
    def setUp(self):
        super().setUp()
        self.client = pymemcache.Client(ADDRESS, serde=serde.pickle_serde, default_noreply=False)

    def tearDown(self):
        self.client.close()

    def test_it_reads_and_writes_the_same_values(self):
        for value in ("text", b"bytes", 7, [1, 2]):
            self.client.set("key", value)
            self.assertEqual(cache.get("key"), value)
            cache.set("key", value)
            self.assertEqual(self.client.get("key"), value)

    def test_its_commands(self):
        client = self.client
        self.assertEqual((client.add("a", 1), client.add("a", 1), client.incr("a", 5), client.decr("a", 9)), (True, False, 6, 0))
        value, token = client.gets("a")
        self.assertEqual((client.cas("a", 5, token), client.cas("a", 6, token), client.cas("z", 6, token)), (True, False, None))
        self.assertEqual((client.touch("a", 50), client.get("a"), client.delete("a"), client.get("a", "none")), (True, 5, True, "none"))
        client.set("s", b"b")
        self.assertEqual((client.append("s", b"c"), client.prepend("s", b"a"), client.get("s")), (True, True, b"abc"))
        client.set_many({"x": 1, "y": 2}, noreply=True)
        self.assertEqual(client.get_many(["x", "y", "z"]), {"x": 1, "y": 2})
        self.assertEqual(client.stats()[b"curr_items"], 3)
        self.assertTrue(client.version())
        self.assertTrue(client.flush_all())
        self.assertEqual(client.get_many(["x", "y"]), {})


class DjangoTests(Fresh):
    """What Django's tests of its own backends demand (tests/cache/tests.py, BaseCacheTests)."""

    backend = "default"

    def setUp(self):
        super().setUp()
        self.cache = caches[self.backend]

    def test_simple_and_default_and_none(self):
        self.assertIsNone(self.cache.set("key", "value"))
        self.assertEqual((self.cache.get("key"), self.cache.get("missing"), self.cache.get("missing", "bang")), ("value", None, "bang"))
        self.cache.set("none", None)
        self.assertIsNone(self.cache.get("none", "default"))
        self.assertIn("none", self.cache)
        self.assertIs(self.cache.add("none", 1), False)
        self.assertIsNone(self.cache.get_or_set("none", "default"))

    def test_add_delete_has_key(self):
        self.assertEqual((self.cache.add("a", 1), self.cache.add("a", 2), self.cache.get("a")), (True, False, 1))
        self.assertEqual((self.cache.has_key("a"), self.cache.delete("a"), self.cache.delete("a"), "a" in self.cache), (True, True, False, False))

    def test_many(self):
        self.assertEqual(self.cache.set_many({"a": 1, "b": None, "c": 3}), [])
        self.assertEqual(self.cache.get_many(["a", "b", "z"]), {"a": 1, "b": None})
        self.assertEqual(self.cache.get_many(iter(["a"])), {"a": 1})
        self.cache.delete_many(["a", "b"])
        self.assertEqual(self.cache.get_many(["a", "b", "c"]), {"c": 3})
        self.cache.set_many({"x": 1, "y": 2}, timeout=0)
        self.assertEqual(self.cache.get_many(["x", "y"]), {})
        self.assertEqual(self.cache.set_many({"large": b"x" * (2 << 20), "small": 1}), ["large"])

    def test_incr_and_decr(self):
        self.cache.set("answer", 41)
        self.assertEqual((self.cache.incr("answer"), self.cache.incr("answer", 10), self.cache.incr("answer", -10)), (42, 52, 42))
        self.assertEqual((self.cache.decr("answer"), self.cache.decr("answer", 10), self.cache.decr("answer", -10), self.cache.get("answer")), (41, 31, 41, 41))
        for change in (self.cache.incr, self.cache.decr):
            with self.assertRaises(ValueError):
                change("missing")
            with self.assertRaises(ValueError):
                change("missing", -1)
        self.cache.set("text", "1.5")
        with self.assertRaises(ValueError):
            self.cache.incr("text")

    def test_timeouts(self):
        self.cache.set("zero", 1, timeout=0)
        self.cache.set("negative", 1, timeout=-1)
        self.cache.set("forever", 1, timeout=None)
        self.cache.set("float", 1, timeout=100.2)
        self.cache.set("long", 1, timeout=60 * 60 * 24 * 30 + 1)
        self.cache.set("short", 1, timeout=1)
        self.assertTrue(self.cache.add("added", 1, timeout=0))
        self.assertEqual(self.cache.get_many(["zero", "negative", "added"]), {})
        self.assertEqual(self.cache.get_many(["forever", "float", "long"]), {"forever": 1, "float": 1, "long": 1})
        self.assertEqual((self.cache.touch("float", 1), self.cache.touch("missing"), self.cache.touch("long", timeout=0)), (True, False, True))
        self.assertIsNone(self.cache.get("long"))
        gone(lambda: self.cache.get_many(["short", "float"]))
        self.assertEqual(self.cache.get("forever"), 1)

    def test_versions(self):
        current = self.cache.version
        self.cache.set("a", 1)
        self.cache.set("a", 2, version=current + 1)
        self.assertEqual((self.cache.get("a"), self.cache.get("a", version=current + 1), self.cache.get("a", version=current + 2)), (1, 2, None))
        self.assertEqual((self.cache.incr("a", version=current + 1), self.cache.has_key("a", version=current + 2)), (3, False))
        self.cache.delete("a", version=current + 1)
        self.assertEqual((self.cache.get("a"), self.cache.incr_version("a"), self.cache.get("a"), self.cache.get("a", version=current + 1)), (1, current + 1, None, 1))
        self.assertEqual((self.cache.decr_version("a", version=current + 1), self.cache.get("a")), (current, 1))
        with self.assertRaises(ValueError):
            self.cache.incr_version("missing")

    def test_get_or_set(self):
        self.assertEqual((self.cache.get_or_set("a", lambda: 5), self.cache.get_or_set("a", 6), self.cache.get("a")), (5, 5, 5))

    def test_values_that_cannot_be_pickled(self):
        for store in (self.cache.set, self.cache.add):
            with self.assertRaises(Exception):
                store("key", lambda: 1)
        self.assertIsNone(self.cache.get("key"))

    def test_keys_that_are_none(self):
        for key in ("key with spaces", "k" * 251, "control\x01"):
            for call in (self.cache.get, self.cache.delete, self.cache.touch, self.cache.incr, self.cache.has_key):
                with self.assertRaises(InvalidCacheKey):
                    call(key)
            with self.assertRaises(InvalidCacheKey):
                self.cache.set_many({key: 1})
            with self.assertRaises(InvalidCacheKey):
                self.cache.get_many([key])

    def test_clear(self):
        self.cache.set_many({"a": 1, "b": 2})
        self.cache.clear()
        self.assertEqual(self.cache.get_many(["a", "b"]), {})

    def test_a_value_that_is_too_large_takes_the_old_one_with_it(self):
        self.cache.set("a", 1)
        self.cache.set("a", b"x" * (2 << 20))
        self.assertIsNone(self.cache.get("a"))


class PrefixTests(DjangoTests):
    backend = "prefix"

    def test_prefixes_keep_apart(self):
        self.cache.set("a", 1)
        self.assertIsNone(caches["default"].get("a"))
        self.assertEqual(cache.get(":2:a"), None)
        self.assertEqual(cache.get("other:2:a"), 1)


class NamedTests(DjangoTests):
    backend = "named"


class FunctionTests(DjangoTests):
    backend = "function"

    def test_key_is_made_by_the_function(self):
        self.cache.set("a", 1)
        self.assertEqual(cache.get("x1xa"), 1)


class DjangosOwnBackendTests(Fresh):
    def test_it_works_with_this_server(self):
        own = caches["pymemcache"]
        own.set("a", [1], 60)
        self.assertEqual((own.get("a"), caches["default"].get("a"), own.add("a", 2), own.get_many(["a", "b"])), ([1], [1], False, {"a": [1]}))
        own.set("n", 41)
        self.assertEqual((own.incr("n"), own.decr("n", 2), own.touch("n", 5), own.delete("n")), (42, 40, True, True))


if __name__ == "__main__":
    unittest.main()
