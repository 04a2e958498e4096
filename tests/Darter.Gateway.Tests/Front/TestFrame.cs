using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests.Front;

/// <summary>A frame that a worker sent.</summary>
internal sealed record TestFrame(FrameType Type, bool IsEnd, uint Stream, byte[] Payload)
{
    /// <summary>The payload behind the first byte, as text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.AsSpan(1));
}
