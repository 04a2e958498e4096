"""Tests of bench/compare: what it reads (wrk, /proc) and what it makes of it (medians, ratios, tables)."""

import io
import sys
import unittest
from contextlib import redirect_stderr
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from compare_lib import download, formats, h2load, handshakes, wrk  # noqa: E402
from compare_lib.interpreter import EXPECTED  # noqa: E402
from compare_lib.load import LoadError  # noqa: E402
from compare_lib.medians import known, middle, ratio, spread, values_of  # noqa: E402
from compare_lib.model import Cell, CellResult, ProcessMemory, Results, Sample, Workload  # noqa: E402
from compare_lib.options import parser  # noqa: E402
from compare_lib.paths import APPS, LAUNCH  # noqa: E402
from compare_lib.procfs import cpu_seconds_between, parse_smaps_rollup, parse_stat  # noqa: E402
from compare_lib.report import load_tables, process_tables  # noqa: E402
from compare_lib.settings import Settings  # noqa: E402
from compare_lib.suites import ALL  # noqa: E402
from compare_lib.suites.tls import TLS  # noqa: E402
from compare_lib.suites.wsgi import WSGI  # noqa: E402
from compare_lib.tables import Table, to_markdown, to_text  # noqa: E402

WRK_OUTPUT = """\
Running 2s test @ http://127.0.0.1:18101/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.05ms  432.11us  12.13ms   93.51%
    Req/Sec    60.33k     3.21k   64.90k    85.00%
  Latency Distribution
     50%  987.00us
     75%    1.13ms
     90%    1.35ms
     99%    2.56ms
  120112 requests in 2.00s, 15.35MB read
Requests/sec:  60012.34
Transfer/sec:      7.67MB
"""

H2LOAD_OUTPUT = """\
starting benchmark...
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
Main benchmark duration is over for thread #0. Stopping all clients.

finished in 1.00s, 4567.00 req/s, 210.11KB/s
requests: 4567 total, 4647 started, 4567 done, 4567 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 4567 2xx, 0 3xx, 0 4xx, 0 5xx
"""
H2LOAD_LOG = "".join(f"1700000000000000\t200\t{100 + index}\n" for index in range(100)) + "1700000000000000\t-1\t9\n"

STAT = "4242 (python3 (a) b) S 17 4242 4000 0 -1 4194560 5 6 7 8 150 50 900 900 20 0 1 0 123456 1000 200"


def sample(rate=1000.0, cpu=20.0, front=15.0, client=0.5, pss=(2048, 4096)):
    memory = tuple(ProcessMemory(10 + index, index == 0, size, size * 2) for index, size in enumerate(pss))
    return Sample(rate, cpu, front, 100.0, 12_345.0, client, memory)


def settings(names=("darter", "uwsgi", "waitress"), workers=(1,), rounds=3):
    return Settings(
        servers=tuple(server for server in WSGI.servers if server.name in names),
        workloads=WSGI.workloads[:1],
        workers=workers,
        connections=(64,),
        keep_alive=(True,),
        headers="none",
        rounds=rounds,
        seconds=2,
        baseline="darter",
    )


def row_of(table, label):
    return dict(zip(table.columns, next(row for row in table.rows if row[0].startswith(label))))


class Downloads(unittest.TestCase):
    def test_parse_gives_rate_and_percentiles(self):
        report = download.parse("[0.5, 1.5, 0.25]")
        self.assertEqual(report.requests, 3)
        self.assertAlmostEqual(report.requests_per_second, 3 / 2.25)
        self.assertEqual((report.p50_us, report.p99_us), (500_000.0, 1_500_000.0))

    def test_parse_of_nothing_is_an_error(self):
        with self.assertRaises(LoadError):
            download.parse("")

    def test_download_has_one_connection_that_is_kept(self):
        large = Workload("large", "", "m", "/large.bin", download_size=1)
        small = Workload("small", "", "m", "/small.bin")
        self.assertEqual(settings().connections_of(large), (1,))
        self.assertEqual(settings().connections_of(small), (64,))
        self.assertEqual(settings().kinds_of_connection(large), (True,))


class WrkOutput(unittest.TestCase):
    def test_parse_clean_run_gives_figures_in_microseconds(self):
        report = wrk.parse(WRK_OUTPUT)
        self.assertEqual(report.requests, 120112)
        self.assertEqual(report.requests_per_second, 60012.34)
        self.assertEqual(report.p50_us, 987.0)
        self.assertAlmostEqual(report.p99_us, 2560.0)
        self.assertIsNone(report.errors)

    def test_parse_seconds_and_minutes_are_converted(self):
        output = WRK_OUTPUT.replace("987.00us", "1.50s").replace("2.56ms", "1.25m")
        report = wrk.parse(output)
        self.assertEqual((report.p50_us, report.p99_us), (1_500_000.0, 75_000_000.0))

    def test_parse_errors_are_reported_in_words(self):
        output = WRK_OUTPUT.replace(
            "Requests/sec",
            "  Socket errors: connect 0, read 12, write 0, timeout 3\n  Non-2xx or 3xx responses: 7\nRequests/sec",
        )
        self.assertEqual(
            wrk.parse(output).errors, "7 responses were not 2xx or 3xx; socket errors: read 12, timeout 3"
        )

    def test_parse_no_requests_is_an_error(self):
        self.assertEqual(
            wrk.parse(WRK_OUTPUT.replace("120112 requests", "0 requests")).errors, "no request was answered"
        )

    def test_parse_other_text_raises(self):
        with self.assertRaises(LoadError):
            wrk.parse("unable to connect to 127.0.0.1:18101 Connection refused")

    def test_command_post_without_keep_alive(self):
        workload = Workload("echo", "Echo", "wsgi", "/echo", post_size=1000)
        line = wrk.command("http://127.0.0.1:1/echo", workload, 8, 2, keep_alive=False, headers="none")
        self.assertIn("Connection: close", line)
        self.assertEqual(line[-3:], ["http://127.0.0.1:1/echo", "--", "1000"])

    def test_command_browser_adds_ten_headers(self):
        line = wrk.command("http://127.0.0.1:1/", WSGI.workloads[0], 8, 2, keep_alive=True, headers="browser")
        self.assertEqual(line.count("-H"), 10)


class H2loadOutput(unittest.TestCase):
    H1, H2 = TLS.workloads[:2]

    def test_parse_gives_rate_and_percentiles(self):
        report = h2load.parse(H2LOAD_OUTPUT, H2LOAD_LOG, self.H2)
        self.assertEqual((report.requests, report.requests_per_second), (4567, 4567.0))
        self.assertEqual((report.p50_us, report.p99_us, report.errors), (150.0, 199.0, None))

    def test_parse_another_protocol_is_an_error(self):
        self.assertEqual(h2load.parse(H2LOAD_OUTPUT, H2LOAD_LOG, self.H1).errors, "the server spoke h2")

    def test_parse_failures_are_reported_in_words(self):
        output = H2LOAD_OUTPUT.replace("0 failed, 0 errored", "2 failed, 1 errored").replace("0 5xx", "7 5xx")
        self.assertEqual(
            h2load.parse(output, H2LOAD_LOG, self.H2).errors,
            "2 requests failed; 1 requests errored; 7 responses were not 2xx or 3xx",
        )

    def test_parse_nothing_answered_is_an_error(self):
        report = h2load.parse(H2LOAD_OUTPUT.replace("4567 succeeded", "0 succeeded"), "", self.H2)
        self.assertEqual((report.requests, report.errors), (0, "no request was answered"))

    def test_parse_other_text_raises(self):
        with self.assertRaises(LoadError):
            h2load.parse("could not connect", "", self.H2)

    def test_command_says_the_protocol(self):
        self.assertIn("--h1", h2load.command(1, self.H1, 8, 2, Path("log")))
        self.assertIn("--npn-list=h2", h2load.command(1, self.H2, 8, 2, Path("log")))


class Handshakes(unittest.TestCase):
    FULL = TLS.workloads[2]

    def test_parse_gives_the_rate_and_no_latencies(self):
        report = handshakes.parse('{"handshakes": 300, "seconds": 1.5}')
        self.assertEqual((report.requests, report.requests_per_second), (300, 200.0))
        self.assertEqual((report.p50_us, report.errors), (None, None))

    def test_parse_of_none_is_an_error(self):
        self.assertEqual(handshakes.parse('{"handshakes": 0, "seconds": 1.5}').errors, "no handshake succeeded")
        with self.assertRaises(LoadError):
            handshakes.parse("")

    def test_each_handshake_has_a_connection_of_its_own(self):
        self.assertEqual(settings().connections_of(self.FULL), (8,))
        self.assertEqual(settings().kinds_of_connection(self.FULL), (False,))
        self.assertEqual(settings().kinds_of_connection(TLS.workloads[0]), (True,))
        self.assertEqual(self.FULL.unit, "hs")


class Proc(unittest.TestCase):
    def test_parse_stat_command_with_parentheses(self):
        stat = parse_stat(STAT)
        self.assertEqual((stat.pid, stat.parent, stat.session), (4242, 17, 4000))
        self.assertEqual((stat.cpu_ticks, stat.started), (200, 123456))
        self.assertTrue(stat.runs)
        self.assertFalse(parse_stat(STAT.replace(") S ", ") Z ")).runs)

    def test_parse_smaps_rollup_reads_sizes(self):
        text = "55d0-7ffd ---p 00000000 00:00 0    [rollup]\nRss:      9000 kB\nPss:      4000 kB\n"
        self.assertEqual(parse_smaps_rollup(text), {"Rss": 9000, "Pss": 4000})

    def test_cpu_seconds_between_new_process_counts_from_its_start(self):
        earlier = parse_stat(STAT)
        later = parse_stat(STAT.replace(" 150 50 ", " 250 150 "))
        new = parse_stat(STAT.replace("4242 (", "4300 (").replace(" 150 50 ", " 30 20 "))
        one = cpu_seconds_between([earlier], [later])
        self.assertGreater(one, 0)
        self.assertAlmostEqual(cpu_seconds_between([earlier], [later, new]), one * 1.25)


class Suites(unittest.TestCase):
    def test_every_application_is_there_and_can_be_called_without_a_server(self):
        for suite in ALL.values():
            for workload in suite.workloads:
                self.assertTrue((APPS / f"{workload.module}.py").is_file(), workload.module)
                self.assertTrue((LAUNCH / EXPECTED[workload.interface]).is_file(), workload.interface)


class Medians(unittest.TestCase):
    def test_middle_and_spread(self):
        self.assertEqual(middle([3.0, 1.0, 2.0]), 2.0)
        self.assertIsNone(middle([]))
        self.assertEqual(spread([3.0, 1.0, 2.0]), (1.0, 3.0))
        self.assertIsNone(spread([3.0]))

    def test_values_of_failed_cell_is_empty(self):
        result = CellResult([sample()], failure="read errors")
        self.assertEqual(values_of(result, lambda one: one.cpu_us), [])
        self.assertEqual(values_of(None, lambda one: one.cpu_us), [])

    def test_known_leaves_out_what_was_not_measured(self):
        self.assertEqual(known([1.0, None, 2.0]), [1.0, 2.0])

    def test_ratio_without_either_is_none(self):
        self.assertEqual(ratio(6.0, 3.0), 2.0)
        self.assertIsNone(ratio(None, 3.0))
        self.assertIsNone(ratio(6.0, None))
        self.assertIsNone(ratio(6.0, 0.0))


class Formats(unittest.TestCase):
    def test_latency_has_three_digits(self):
        written = [formats.latency(value) for value in (72.4, 1234.0, 12_345.0, 123_456.0, None)]
        self.assertEqual(written, ["72 µs", "1.23 ms", "12.3 ms", "123 ms", "–"])

    def test_other_figures(self):
        self.assertEqual(formats.rate(60012.34), "60,012")
        self.assertEqual(formats.rate_range((1000.0, 2000.0)), "1,000–2,000")
        self.assertEqual(formats.two_microseconds(12.51, 0.79), "12.5 + 0.8")
        self.assertEqual(formats.mebibytes(1536), "1.5")
        self.assertEqual(formats.milliseconds(0.0123), "12")


class Tables(unittest.TestCase):
    TABLE = Table("Title", ["server", "req/s"], [["a", "1"], ["long|name", "20,000"]], ["a note"])

    def test_to_text_aligns(self):
        self.assertEqual(
            to_text(self.TABLE),
            "Title\n"
            "server      req/s\n"
            "---------  ------\n"
            "a               1\n"
            "long|name  20,000\n"
            "  a note\n",
        )

    def test_to_markdown_escapes(self):
        self.assertEqual(
            to_markdown(self.TABLE),
            "### Title\n\n| server | req/s |\n| --- | ---: |\n| a | 1 |\n| long\\|name | 20,000 |\n\n- a note\n",
        )


class Report(unittest.TestCase):
    def results(self):
        results = Results()
        results.cell(Cell("darter", "hello", 1, 64, True)).samples += [
            sample(60_000.0), sample(40_000.0), sample(50_000.0)
        ]
        results.cell(Cell("uwsgi", "hello", 1, 64, True)).samples += [
            sample(20_000.0, cpu=30.0, client=0.99), sample(25_000.0, cpu=30.0), sample(30_000.0, cpu=30.0)
        ]
        results.cell(Cell("waitress", "hello", 1, 64, True)).failure = "read errors"
        results.startups[("darter", "wsgi", 1)] = [0.1, 0.3, 0.2]
        results.bare["wsgi"] = ProcessMemory(1, True, 6144, 8192)
        return results

    def test_load_tables_medians_and_ratios_to_the_baseline(self):
        [table] = load_tables(self.results(), settings())
        row = next(row for row in table.rows if row[0].startswith("uWSGI"))
        self.assertEqual(row[0], "uWSGI (http-socket) † *")
        # connections, rate, spread, darter's rate over it, CPU, front and rest, its CPU over darter's
        self.assertEqual(row[1:8], ["64", "25,000", "20,000–30,000", "2.00", "30.0", "–", "1.50"])
        self.assertEqual(row_of(table, "Darter")["front + rest"], "15.0 + 5.0")

    def test_load_tables_failed_cell_has_no_figures_but_a_reason(self):
        [table] = load_tables(self.results(), settings())
        self.assertEqual(row_of(table, "Waitress")["req/s"], "failed")
        self.assertIn("Waitress (4 threads) failed at 64 connections: read errors", table.notes)

    def test_load_tables_one_process_server_is_noted_for_two_workers(self):
        results = Results()
        results.cell(Cell("darter", "hello", 2, 64, True)).samples.append(sample())
        results.cell(Cell("waitress", "hello", 2, 64, True)).not_applicable = "one process only"
        [table] = load_tables(results, settings(workers=(2,)))
        self.assertEqual(len(table.rows), 1)
        self.assertIn("Waitress (4 threads): n/a, it has one process only.", table.notes)

    def test_load_tables_nothing_measured_gives_no_table(self):
        self.assertEqual(load_tables(Results(), settings()), [])

    def test_process_tables_tell_the_front_from_the_workers(self):
        [table] = process_tables(self.results(), settings())
        row = row_of(table, "Darter")
        self.assertEqual((row["start ms"], row["PSS MiB"]), ("200", "6.0"))
        self.assertEqual((row["first process PSS"], row["each other PSS"]), ("2.0", "4.0"))
        self.assertEqual(row_of(table, "python alone")["RSS MiB"], "8.0")


class Options(unittest.TestCase):
    def test_lists_are_parsed(self):
        parsed = parser().parse_args(["wsgi", "--connections", "8,64", "--servers", "darter,nginx"])
        self.assertEqual((parsed.connections, parsed.servers), ([8, 64], ["darter", "nginx"]))

    def test_zero_is_refused(self):
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            parser().parse_args(["wsgi", "--rounds", "0"])

    def test_visits_leave_out_what_is_not_applicable(self):
        self.assertEqual(settings(workers=(1, 2)).visits(), 3 * (3 + 2))


if __name__ == "__main__":
    unittest.main()
