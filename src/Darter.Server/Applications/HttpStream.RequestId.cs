using System.Globalization;
using System.Security.Cryptography;

namespace Darter.Server.Applications;

/// <summary>What tells a request from all others, for a client that reports a failure and the operator who looks for it.</summary>
internal sealed partial class HttpStream
{
    private string? _requestId;

    /// <summary>The request's id, made when somebody asks for it: 16 hexadecimal digits.</summary>
    internal string RequestId => _requestId ??= NewRequestId();

    private static string NewRequestId()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        return BitConverter.ToUInt64(random).ToString("x16", CultureInfo.InvariantCulture);
    }
}
