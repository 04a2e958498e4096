namespace Darter.Server.Tests.Applications;

/// <summary>A request with events, as a worker got it.</summary>
internal sealed record EventsReceived(uint Stream, string Target, IReadOnlyDictionary<string, string> Fields, string Body);
