namespace Darter.Server.Hub.Redis;

/// <summary>An item as it lies in the stream of its channel.</summary>
/// <param name="Id">Its place.</param>
/// <param name="Origin">The run of a node that published it.</param>
/// <param name="Sequence">Its number among that node's items; rises within a channel.</param>
/// <param name="Data">The item.</param>
internal readonly record struct StreamEntry(StreamId Id, string Origin, long Sequence, ReadOnlyMemory<byte> Data);
