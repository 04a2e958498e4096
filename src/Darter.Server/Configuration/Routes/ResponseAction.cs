namespace Darter.Server.Configuration.Routes;

/// <summary>The answer is always the same.</summary>
/// <param name="Status">Its status, 200 to 599.</param>
/// <param name="Body">Its body, sent as UTF-8; null: a line that names the status, but for statuses without body. Default null.</param>
/// <param name="Fields">Its header fields; without a Content-Type it is plain text. Default none.</param>
public sealed record ResponseAction(int Status, string? Body = null, IReadOnlyList<KeyValuePair<string, string>>? Fields = null) : RouteAction;
