using Darter.Wire;

namespace Darter.Server;

/// <summary>What is published for a WebSocket.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Kind">The kind of the message.</param>
/// <param name="Content">Its bytes, which do not change; a text is UTF-8, a ping or pong has at most 125 bytes. With <see cref="PublishedAction.Close"/> the reason.</param>
/// <param name="Code">With <see cref="PublishedAction.Close"/>: the code, 0 for the usual one.</param>
internal readonly record struct PublishedMessage(PublishedAction Action, MessageKind Kind, ReadOnlyMemory<byte> Content, int Code);
