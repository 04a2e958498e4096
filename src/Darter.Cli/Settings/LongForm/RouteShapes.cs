using Darter.Cli.Settings.Shapes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>The keys of <c>[[routes]]</c>.</summary>
internal static class RouteShapes
{
    private static readonly MapShape s_fields = new(new AnyShape(TextShape.OrEmpty, new BooleanShape(false)), "name of a header field", HttpNames.IsToken);

    internal static TableShape Files { get; } = new(
        new("folder", TextShape.Any, "The folder, relative to this file", IsRequired: true),
        new("prefix", TextShape.OrEmpty, "What is taken off the path before the file is looked for. Default: of the route's path what is before /*"),
        new("index", ListShape.Texts, "Files for a folder itself, the first that exists. Default: index.html, index.htm"),
        new("listing", new BooleanShape(), "List folders without such a file. Default: false"),
        new("spa", new BooleanShape(), "Answer paths that lead nowhere with the index file, for an application in the browser. Default: false"),
        new("dotfiles", new BooleanShape(), "Serve files and folders that begin with a dot. Default: false, but for /.well-known/"),
        new("follow_links", new BooleanShape(), "Let links lead out of the folder. Default: false"),
        new("immutable", new BooleanShape(), "Let caches keep files with a hash in their name for a year. Default: true"),
        new("compress", new BooleanShape(), "Compress texts. Default: true"),
        new("fallthrough", new BooleanShape(), "Where there is no file, go on to the next route that fits. Default: false: 404"));

    internal static TableShape Redirect { get; } = new(
        new("to", TextShape.Any, "A path or an address; * is what the route's last * stood for, {1} or {name} what a regular expression captured, {host} the host, {uri} the path with its query", IsRequired: true),
        new("status", new WholeShape(301, 308), "301, 302, 303, 307 or 308. Default: 308, which keeps the method"));

    internal static TableShape Response { get; } = new(
        new("status", new WholeShape(200, 599), "The status. Default: 200"),
        new("body", TextShape.OrEmpty, "The body. Default: a line that names the status"),
        new("headers", new MapShape(TextShape.OrEmpty, "name of a header field", HttpNames.IsToken), "Header fields. Default: plain text"));

    internal static TableShape Auth { get; } = new(
        new("users", new MapShape(TextShape.Any, "name of a user", name => name.Length > 0 && !name.Contains(':')), "Names with the hashes of their passwords, as 'darter files --hash-password' prints them", IsRequired: true),
        new("realm", TextShape.Any, "What the password is for. Default: Restricted"));

    internal static TableShape RateLimit { get; } = new(
        new("requests", new WholeShape(1), "So many requests", IsRequired: true),
        new("per", MeasureShape.Duration, "in so long a time. Default: 1s"),
        new("burst", new WholeShape(1), "So many at once, after a pause. Default: as many as requests"),
        new("shared", new BooleanShape(), "Whether all clients have one limit together. Default: false"));

    internal static TableShape Cache { get; } = new(
        new TableKey("ttl", MeasureShape.DurationOrZero, "How long an answer is fresh that says nothing of it. Default: as cache.ttl"));

    internal static TableShape Route { get; } = new(
        new("host", ListShape.Texts, "Hosts without port, * for any characters: example.org, *.example.org; or ~ and a regular expression. Default: all"),
        new("path", ListShape.Texts, "Paths, * for any characters: /static/*, /health; or ~ and a regular expression (~* in any case): ~^/shop/(?<id>[0-9]+)$. Default: all"),
        new("method", ListShape.Texts, "Methods. Default: all"),
        new("headers", new MapShape(TextShape.Any, "name of a header field", HttpNames.IsToken), "Header fields that must be there, with their value or a pattern; *: any"),
        new("source", ListShape.Texts, "Clients, by address or network. Default: all"),
        new("scheme", TextShape.OneOf("http", "https"), "http or https. Default: both"),
        new("app", TextShape.Any, "The application of this name answers"),
        new("mount", TextShape.Any, "With app: the path that it is mounted at, /shop for example. Default: none"),
        new("files", new AnyShape(TextShape.Any, Files), "Files of this folder are sent"),
        new("upstream", TextShape.Any, "The upstream of this name answers"),
        new("redirect", new AnyShape(TextShape.Any, Redirect), "The client is sent there"),
        new("response", new AnyShape(new WholeShape(200, 599), Response), "The answer is always this status, or this response"),
        new("rewrite", TextShape.Any, "The path that takes the place of the request's; * is what the route's last * stood for, {1} or {name} what a regular expression captured"),
        new("request_headers", s_fields, "Header fields of the request that are set, or removed (false)"),
        new("response_headers", s_fields, "Header fields of the response that are set, or removed (false)"),
        new("allow", ListShape.Texts, "Clients that may use it, the others get 403. Default: all"),
        new("deny", ListShape.Texts, "Clients that may not. Default: none"),
        new("auth", Auth, "Who may use it, by name and password. Default: everybody"),
        new("rate_limit", new AnyShape(TextShape.Any, RateLimit), "How many requests a client may send: 10/s, 100/m, or a table. Default: any number"),
        new("limit_request_body", MeasureShape.Size, "The largest request body, 413 beyond. Default: as for the server"),
        new("timeout", MeasureShape.Duration, "With app: how long it may take until the response begins; with upstream: how long nothing may come from it or go to it; 504 afterwards. Default: as they have it"),
        new("cache", new AnyShape(new BooleanShape(), Cache), "With app or upstream: whether and how answers are kept. Default: as [cache] says"));
}
