using Darter.Cli.Settings.Shapes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>The keys of <c>[upstreams.NAME]</c>.</summary>
internal static class UpstreamShapes
{
    internal static TableShape Destination { get; } = new(
        new("address", TextShape.Any, "http://HOST:PORT, https://HOST:PORT or unix:PATH", IsRequired: true),
        new("weight", new WholeShape(1, 1000), "How many requests it gets in proportion to the others. Default: 1"));

    internal static TableShape Health { get; } = new(
        new("path", TextShape.Any, "The path that is asked for with GET; an answer other than 2xx is a failure", IsRequired: true),
        new("interval", MeasureShape.Duration, "How often. Default: 5s"),
        new("timeout", MeasureShape.Duration, "How long the answer may take. Default: 3s"),
        new("fails", new WholeShape(1), "After how many failures in a row a destination gets no requests. Default: 2"));

    internal static TableShape Passive { get; } = new(
        new("max_fails", new WholeShape(1), "After how many failures within fail_timeout a destination gets no requests. Default: 1"),
        new("fail_timeout", MeasureShape.Duration, "The time in which failures are counted, and for which the destination gets none then. Default: 10s"));

    internal static TableShape Sticky { get; } = new(
        new("cookie", TextShape.Any, "The name of the cookie that tells the destination", IsRequired: true),
        new("max_age", MeasureShape.Duration, "How long browsers keep it. Default: until they are closed"));

    internal static TableShape Upstream { get; } = new(
        new("destinations", new ListShape(new AnyShape(TextShape.Any, Destination), orSingle: false), "The servers: addresses, or tables with address and weight", IsRequired: true),
        new("policy", TextShape.OneOf("power-of-two", "round-robin", "random", "least-requests"), "How one of them is chosen. Default: power-of-two, the less busy of two at random"),
        new("health", Health, "Ask destinations how they are. Default: they are not asked"),
        new("passive", new AnyShape(new BooleanShape(false), Passive), "When a destination whose requests fail gets none for a while; false: never. Default: after one, for 10s"),
        new("sticky", Sticky, "Clients stay with a destination, by a cookie. Default: they do not"),
        new("retries", new WholeShape(0), "Most other destinations that a request that failed is given to. Default: each once"),
        new("slow_start", MeasureShape.DurationOrZero, "How long a destination that is back takes to get its full share. Default: 0"),
        new("max_connections", new WholeShape(0), "Most requests and WebSockets that a destination has at a time; 0: any number. Default: 0"),
        new("connect_timeout", MeasureShape.Duration, "How long connecting may take. Default: 5s"),
        new("timeout", MeasureShape.Duration, "How long nothing may come from a destination or go to it. Default: 60s"),
        new("keep_alive", MeasureShape.Duration, "How long an idle connection is kept. Default: 60s"),
        new("http_version", TextShape.OneOf("auto", "1.1", "2"), "The version of HTTP. Default: auto"),
        new("resolve_interval", MeasureShape.DurationOrZero, "How often names are looked up in DNS; 0: once. Default: 30s"),
        new("verify_certificates", new BooleanShape(), "Whether certificates of https destinations must be valid. Default: true"),
        new("pass_host", new BooleanShape(), "Whether destinations get the client's Host. Default: those without TLS do"));
}
