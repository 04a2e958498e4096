using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Darter.Server.Observability;

/// <summary>
/// The format of the access log: Gunicorn's, which is Python's <c>%</c> with names, such as <c>%(h)s</c> and
/// <c>%({x-forwarded-for}i)s</c>. Read once, at the start.
/// </summary>
public sealed class AccessLogFormat
{
    private AccessLogFormat(IReadOnlyList<AccessSegment> segments) => Segments = segments;

    /// <summary>The parts of a line, in order.</summary>
    internal IReadOnlyList<AccessSegment> Segments { get; }

    /// <summary>Whether a line has the request's id.</summary>
    internal bool HasRequestId => Segments.Any(segment => segment.Atom == AccessAtom.RequestId);

    /// <summary>Reads a format. When false, <paramref name="error"/> tells the user what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AccessLogFormat? format, [NotNullWhen(false)] out string? error)
    {
        List<AccessSegment> segments = [];
        StringBuilder literal = new();
        format = null;
        for (int i = 0; i < text.Length;)
        {
            if (text[i] != '%')
            {
                literal.Append(text[i++]);
                continue;
            }

            if (text.AsSpan(i).StartsWith("%%", StringComparison.Ordinal))
            {
                literal.Append('%');
                i += 2;
                continue;
            }

            int end = text.IndexOf(')', i);
            if (i + 1 >= text.Length || text[i + 1] != '(' || end < 0 || end + 1 >= text.Length || text[end + 1] is not ('s' or 'd' or 'i'))
            {
                error = $"at '{text[i..Math.Min(i + 12, text.Length)]}': write %(NAME)s, or %% for a percent sign";
                return false;
            }

            string name = text[(i + 2)..end];
            if (AtomOf(name) is not { } segment)
            {
                error = $"there is no '%({name})s': write one of h l u t r s m U q H b B f a T M D L p Q R X, or {{NAME}}i, {{NAME}}o, {{NAME}}e";
                return false;
            }

            Flush(literal, segments);
            segments.Add(segment);
            i = end + 2;
        }

        Flush(literal, segments);
        format = new AccessLogFormat(segments);
        error = null;
        return true;
    }

    private static void Flush(StringBuilder literal, List<AccessSegment> segments)
    {
        if (literal.Length > 0)
        {
            segments.Add(Literal(literal.ToString()));
            literal.Clear();
        }
    }

    private static AccessSegment Literal(string text) => new(AccessAtom.Literal, Encoding.UTF8.GetBytes(text), "");

    private static AccessSegment? AtomOf(string name)
    {
        if (name.Length > 3 && name[0] == '{' && name[^2] == '}')
        {
            return name[^1] switch
            {
                'i' => new AccessSegment(AccessAtom.RequestField, [], name[1..^2]),
                'o' => new AccessSegment(AccessAtom.ResponseField, [], name[1..^2]),
                'e' => VariableOf(name[1..^2].ToUpperInvariant()),
                _ => null,
            };
        }

        AccessAtom? atom = name switch
        {
            "h" => AccessAtom.Host,
            "u" => AccessAtom.User,
            "t" => AccessAtom.Time,
            "r" => AccessAtom.RequestLine,
            "s" => AccessAtom.Status,
            "m" => AccessAtom.Method,
            "U" => AccessAtom.Path,
            "q" => AccessAtom.Query,
            "H" => AccessAtom.Protocol,
            "b" or "B" => AccessAtom.Bytes,
            "f" => AccessAtom.Referrer,
            "a" => AccessAtom.Agent,
            "T" => AccessAtom.Seconds,
            "M" => AccessAtom.Milliseconds,
            "D" => AccessAtom.Microseconds,
            "L" => AccessAtom.DecimalSeconds,
            "Q" => AccessAtom.QueueSeconds,
            "p" => AccessAtom.ProcessId,
            "R" => AccessAtom.RequestId,
            "X" => AccessAtom.End,
            _ => null,
        };
        return atom is { } known ? new AccessSegment(known, [], "") : name == "l" ? Literal("-") : null;
    }

    /// <summary>What the front knows of CGI's variables; what an application adds to its environ it does not.</summary>
    private static AccessSegment VariableOf(string name) => name switch
    {
        "REMOTE_ADDR" => new AccessSegment(AccessAtom.Host, [], ""),
        "REQUEST_METHOD" => new AccessSegment(AccessAtom.Method, [], ""),
        "PATH_INFO" => new AccessSegment(AccessAtom.Path, [], ""),
        "QUERY_STRING" => new AccessSegment(AccessAtom.Query, [], ""),
        "SERVER_PROTOCOL" => new AccessSegment(AccessAtom.Protocol, [], ""),
        "CONTENT_TYPE" or "CONTENT_LENGTH" => new AccessSegment(AccessAtom.RequestField, [], name.Replace('_', '-')),
        "RAW_URI" or "REQUEST_URI" or "REMOTE_PORT" or "SERVER_NAME" or "SERVER_PORT" or "WSGI.URL_SCHEME" => new AccessSegment(AccessAtom.Variable, [], name),
        _ when name.StartsWith("HTTP_", StringComparison.Ordinal) => new AccessSegment(AccessAtom.RequestField, [], name[5..].Replace('_', '-')),
        _ => Literal("-"),
    };
}
