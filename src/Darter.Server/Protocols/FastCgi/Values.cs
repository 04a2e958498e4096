using System.Buffers;
using System.Globalization;
using System.Text;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>What a web server may ask about the server (FastCGI 1.0, section 4.1).</summary>
internal static class Values
{
    // What has no limit here; a request id has 16 bits.
    private const int Unlimited = ushort.MaxValue;

    /// <summary>The content of FCGI_GET_VALUES_RESULT; null: the question is malformed.</summary>
    internal static byte[]? Answer(ReadOnlySpan<byte> question, int limitConcurrency)
    {
        ArrayBufferWriter<byte> answer = new();
        while (!question.IsEmpty)
        {
            if (!NameValuePairs.TryTake(ref question, out ReadOnlySpan<byte> name, out _))
            {
                return null;
            }

            int? value = name.SequenceEqual("FCGI_MPXS_CONNS"u8) ? 1
                : name.SequenceEqual("FCGI_MAX_REQS"u8) ? (limitConcurrency > 0 ? limitConcurrency : Unlimited)
                : name.SequenceEqual("FCGI_MAX_CONNS"u8) ? Unlimited
                : null;
            if (value is { } number)
            {
                NameValuePairs.Write(answer, name, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
            }
        }

        // Each name once, so that the answer fits into a record whatever is asked.
        return answer.WrittenCount <= ushort.MaxValue ? answer.WrittenSpan.ToArray() : null;
    }
}
