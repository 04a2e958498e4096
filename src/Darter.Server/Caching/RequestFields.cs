using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>The fields of a request that tell stored answers apart.</summary>
internal readonly struct RequestFields
{
    /// <summary>
    /// Fields by which applications learn their own address, or another target, and that they hardly name in Vary. A client
    /// that makes one up must not choose what others see, so requests with different ones share nothing.
    /// </summary>
    private static readonly string[] s_always =
    [
        "Forwarded", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Ssl",
        "X-Host", "X-Original-Host", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Script-Name", "SCRIPT_NAME",
    ];

    private readonly IHeaderDictionary _headers;
    private readonly string? _always;

    internal RequestFields(IHeaderDictionary headers)
    {
        _headers = headers;
        _always = null;
        foreach (string name in s_always)
        {
            StringValues values = headers[name];
            if (values.Count > 0)
            {
                _always = $"{_always}\n{name}:{values}";
            }
        }
    }

    /// <summary>Whether an answer to a request with these values is one to this request.</summary>
    /// <param name="names">The fields' names.</param>
    /// <param name="values">The values, and those of the fields that always count.</param>
    internal bool Matches(string[] names, string?[] values)
    {
        for (int i = 0; i < names.Length; i++)
        {
            StringValues own = _headers[names[i]];
            if (own.Count > 1 ? own.ToString() != values[i] : own.Count == 0 ? values[i] is not null : own[0] != values[i])
            {
                return false;
            }
        }

        return _always == values[^1];
    }

    /// <summary>The values, for <see cref="Matches"/>.</summary>
    internal string?[] Read(string[] names)
    {
        string?[] values = new string?[names.Length + 1];
        for (int i = 0; i < names.Length; i++)
        {
            StringValues own = _headers[names[i]];
            values[i] = own.Count == 0 ? null : own.ToString();
        }

        values[^1] = _always;
        return values;
    }

    /// <summary>The values as a text: equal for requests that share an answer.</summary>
    internal string Describe(string[] names)
    {
        string?[] values = Read(names);
        return values.Length == 1 && values[0] is null ? "" : string.Join('\n', values.Select((value, index) => $"{(index < names.Length ? names[index] : "")}={value ?? "\0"}"));
    }
}
