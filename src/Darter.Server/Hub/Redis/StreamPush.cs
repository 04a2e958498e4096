namespace Darter.Server.Hub.Redis;

/// <summary>An item that Redis has just put into a stream, as it tells all nodes.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Entry">The item.</param>
/// <param name="Previous">The entry before it in the same stream; default: it is the first one.</param>
internal readonly record struct StreamPush(string Channel, StreamEntry Entry, StreamId Previous);
