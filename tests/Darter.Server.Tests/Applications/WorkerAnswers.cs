using System.Buffers.Binary;
using System.Text;
using Darter.Wire;
using Darter.Workers.Tests;

namespace Darter.Server.Tests.Applications;

/// <summary>Answers of workers with header fields and a body.</summary>
internal static class WorkerAnswers
{
    /// <summary>Answers with all in one frame.</summary>
    public static void Answer(this FakeWorker worker, uint stream, int status, ReadOnlySpan<byte> body, params ReadOnlySpan<(string Name, string Value)> fields) =>
        worker.Begin(stream, status, body.Length, body, end: true, fields);

    /// <summary>Answers with a head and the beginning of a body.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="stream">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="length">Content-Length; -1: none.</param>
    /// <param name="body">The beginning.</param>
    /// <param name="end">Whether it is all.</param>
    /// <param name="fields">Header fields.</param>
    public static void Begin(
        this FakeWorker worker, uint stream, int status, long length, ReadOnlySpan<byte> body, bool end, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        byte[] payload = new byte[4096 + body.Length];
        int size = ResponseHead.Write(payload, status, default, length);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(size), (ushort)fields.Length);
        size += 2;
        foreach ((string name, string value) in fields)
        {
            size += HeaderBlock.WriteField(payload.AsSpan(size), Encoding.ASCII.GetBytes(name), Encoding.Latin1.GetBytes(value));
        }

        body.CopyTo(payload.AsSpan(size));
        size += body.Length;
        if (end)
        {
            ResponseHead.SetServiceTime(payload, 1000);
        }

        worker.Write(FrameType.Response, end ? FrameFlags.End : FrameFlags.None, stream, payload.AsSpan(0, size));
    }

    /// <summary>Sends a piece of the body.</summary>
    public static void SendBody(this FakeWorker worker, uint stream, ReadOnlySpan<byte> piece) => worker.Write(FrameType.Body, FrameFlags.None, stream, piece);
}
