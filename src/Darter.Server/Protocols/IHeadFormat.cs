using System.Buffers;

namespace Darter.Server.Protocols;

/// <summary>A protocol whose connections are a head of variables, a body, and a response that ends with the connection.</summary>
internal interface IHeadFormat
{
    /// <summary>How it wants the status of a response.</summary>
    ResponseHeadForm Form { get; }

    /// <summary>Finds the head at the beginning of a connection.</summary>
    /// <param name="buffer">What has come.</param>
    /// <param name="start">Where its variables begin.</param>
    /// <param name="length">How long they are.</param>
    /// <param name="end">Where the body begins.</param>
    /// <param name="cause">What is wrong, if it is malformed or not supported.</param>
    HeadStatus Find(in ReadOnlySequence<byte> buffer, out int start, out int length, out int end, out string? cause);

    /// <summary>Reads the variables. What is returned says what is wrong with them; null: nothing.</summary>
    string? Read(ReadOnlySpan<byte> variables, CgiRequest request);
}
