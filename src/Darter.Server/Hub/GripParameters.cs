using System.Text;

namespace Darter.Server.Hub;

/// <summary>
/// A field value as GRIP has them: a first part, and parameters behind it: <c>room-1; prev-id=7; filter="skip-self"</c>.
/// </summary>
/// <param name="First">The first part.</param>
/// <param name="FirstValue">What is behind its equals sign; null: it has none.</param>
/// <param name="Rest">The parameters, names in lower case.</param>
internal sealed record GripParameters(string First, string? FirstValue, IReadOnlyList<KeyValuePair<string, string>> Rest)
{
    /// <summary>The first parameter of a name, or null.</summary>
    internal string? Find(string name)
    {
        foreach ((string key, string value) in Rest)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Reads a value that is one element.</summary>
    internal static GripParameters ReadOne(string value)
    {
        int position = 0;
        return ReadElement(value, ref position, endsAtComma: false);
    }

    /// <summary>Reads a list of elements; empty ones are left out.</summary>
    internal static IEnumerable<GripParameters> ReadList(string value)
    {
        int position = 0;
        while (position < value.Length)
        {
            GripParameters element = ReadElement(value, ref position, endsAtComma: true);
            if (element.First.Length > 0 || element.Rest.Count > 0)
            {
                yield return element;
            }
        }
    }

    /// <summary>The bytes that a field's characters stand for, as the UTF-8 they are to be; null: they are not.</summary>
    internal static string? Decode(string value)
    {
        if (Ascii.IsValid(value))
        {
            return value;
        }

        byte[] bytes = Encoding.Latin1.GetBytes(value);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static GripParameters ReadElement(string text, ref int position, bool endsAtComma)
    {
        (string name, string? value) first = ("", null);
        List<KeyValuePair<string, string>> rest = [];
        for (int index = 0; ; index++)
        {
            (string name, string? value) = ReadPart(text, ref position, endsAtComma);
            if (index == 0)
            {
                first = (name, value);
            }
            else if (name.Length > 0)
            {
                rest.Add(new(name.ToLowerInvariant(), value ?? ""));
            }

            if (position >= text.Length || text[position++] == ',')
            {
                return new GripParameters(first.name, first.value, rest);
            }
        }
    }

    /// <summary>Reads up to a semicolon, or a comma if that ends it; <c>name</c>, <c>name=value</c>, each of them perhaps quoted.</summary>
    private static (string Name, string? Value) ReadPart(string text, ref int position, bool endsAtComma)
    {
        StringBuilder current = new();
        string? name = null;
        bool wasQuoted = false;
        for (; position < text.Length; position++)
        {
            char c = text[position];
            if (c == ';' || (c == ',' && endsAtComma))
            {
                break;
            }

            if (c == '"' && !wasQuoted && IsBlank(current))
            {
                current.Clear();
                wasQuoted = true;
                ReadQuoted(text, ref position, current);
            }
            else if (c == '=' && name is null)
            {
                name = Finish(current, wasQuoted);
                current.Clear();
                wasQuoted = false;
            }
            else if (!wasQuoted)
            {
                current.Append(c);
            }
        }

        string last = Finish(current, wasQuoted);
        return name is null ? (last, null) : (name, last);
    }

    /// <summary>Reads from a quotation mark to the one that ends it, where it stays.</summary>
    private static void ReadQuoted(string text, ref int position, StringBuilder into)
    {
        for (position++; position < text.Length && text[position] != '"'; position++)
        {
            if (text[position] == '\\' && position + 1 < text.Length)
            {
                position++;
            }

            into.Append(text[position]);
        }
    }

    private static bool IsBlank(StringBuilder text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not (' ' or '\t'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Finish(StringBuilder text, bool wasQuoted) => wasQuoted ? text.ToString() : text.ToString().Trim(' ', '\t');
}
