using System.Buffers;

namespace Darter.Server.WebSockets;

/// <summary>
/// Reads a value of Sec-WebSocket-Extensions: <c>1#(token *(";" token ["=" (token | quoted-string)]))</c>, RFC 6455,
/// section 9.1.
/// </summary>
internal ref struct ExtensionReader(ReadOnlySpan<char> value)
{
    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private ReadOnlySpan<char> _rest = value;

    /// <summary>Whether something was found that the grammar does not allow.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Reads the next extension's name; its parameters must have been read. False: there is none.</summary>
    internal bool TryReadExtension(out ReadOnlySpan<char> name)
    {
        // Lists may have empty elements (RFC 9110, section 5.6.1).
        _rest = _rest.TrimStart(", \t");
        return TryReadToken(out name);
    }

    /// <summary>Reads the next parameter of the current extension. False: there is none.</summary>
    internal bool TryReadParameter(out ReadOnlySpan<char> name, out ReadOnlySpan<char> argument, out bool hasArgument)
    {
        name = argument = default;
        hasArgument = false;
        if (!TrySkip(';'))
        {
            if (!_rest.IsEmpty && _rest[0] != ',')
            {
                Stop();
            }

            return false;
        }

        _rest = _rest.TrimStart(" \t");
        if (!TryReadToken(out name))
        {
            Stop();
            return false;
        }

        if (!TrySkip('='))
        {
            return true;
        }

        hasArgument = true;
        _rest = _rest.TrimStart(" \t");
        bool quoted = !_rest.IsEmpty && _rest[0] == '"';
        if (quoted)
        {
            _rest = _rest[1..];
        }

        // A quoted argument must be a token too once it is unquoted.
        if (!TryReadToken(out argument) || (quoted && !TrySkip('"')))
        {
            Stop();
            return false;
        }

        return true;
    }

    private bool TryReadToken(out ReadOnlySpan<char> token)
    {
        int length = _rest.IndexOfAnyExcept(TokenCharacters);
        token = length < 0 ? _rest : _rest[..length];
        _rest = _rest[token.Length..];
        if (token.IsEmpty && !_rest.IsEmpty)
        {
            Stop();
        }

        return !token.IsEmpty;
    }

    private bool TrySkip(char character)
    {
        ReadOnlySpan<char> rest = _rest.TrimStart(" \t");
        if (rest.IsEmpty || rest[0] != character)
        {
            _rest = rest;
            return false;
        }

        _rest = rest[1..];
        return true;
    }

    private void Stop()
    {
        IsMalformed = true;
        _rest = default;
    }
}
