using System.Buffers;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls;

/// <summary>Sends every request to the same address over https.</summary>
/// <param name="port">Finds the port of https, once the server listens.</param>
/// <param name="before">Answers some requests itself; null: nobody does.</param>
internal sealed class HttpsRedirect(Func<int> port, IFrontHandler? before = null) : IFrontHandler
{
    private const int DefaultPort = 443;

    // RFC 3986, section 3.2.2: a registered name or an IPv4 address; of IP literals those of IPv6.
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("-._~!$&'()*+,;=%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private int _port;

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features) => before?.TryHandle(features) ?? RedirectAsync(features);

    private Task<long> RedirectAsync(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        if (LocationOf(request) is not { } location)
        {
            return PlainAnswer.WriteAsync(features, StatusCodes.Status400BadRequest);
        }

        // 308: with the method and the body that were meant, which 301 may lose.
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.Location = location;
        return PlainAnswer.WriteAsync(features, StatusCodes.Status308PermanentRedirect);
    }

    /// <summary>Where a request is sent; null: it does not say which host it means, or not what of it.</summary>
    private string? LocationOf(IHttpRequestFeature request)
    {
        string target = request.RawTarget;
        string? authority = request.Headers.Host is [{ } host] ? host : null;
        if (!target.StartsWith('/'))
        {
            // RFC 9112, section 3.2.2: an absolute target comes before Host.
            int start = target.IndexOf("://", StringComparison.Ordinal);
            if (start <= 0)
            {
                return null;
            }

            target = target[(start + 3)..];
            int end = target.AsSpan().IndexOfAny('/', '?');
            authority = end < 0 ? target : target[..end];
            target = end < 0 ? "/" : target[end] == '/' ? target[end..] : $"/{target[end..]}";
        }

        if (authority is null || NameOf(authority) is not { } name)
        {
            return null;
        }

        if (_port == 0)
        {
            _port = port();
        }

        return _port == DefaultPort ? $"https://{name}{target}" : string.Create(CultureInfo.InvariantCulture, $"https://{name}:{_port}{target}");
    }

    /// <summary>The host without its port; null: it is not one.</summary>
    internal static string? NameOf(string authority)
    {
        int colon = authority.LastIndexOf(':');
        int bracket = authority.LastIndexOf(']');
        string name = colon > bracket ? authority[..colon] : authority;
        if (colon > bracket && !IsPort(authority.AsSpan(colon + 1)))
        {
            return null;
        }

        bool isHost = name.StartsWith('[')
            ? name.EndsWith(']') && name.Contains(':', StringComparison.Ordinal) && !name.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(name, out _)
            : name.Length > 0 && !name.AsSpan().ContainsAnyExcept(s_nameCharacters);
        return isHost ? name : null;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty || (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) && text.Length <= 5);
}
