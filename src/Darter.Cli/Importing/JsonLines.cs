using System.Text;
using System.Text.Json;

namespace Darter.Cli.Importing;

/// <summary>Reads JSON with the line of each value, which the document of the class library does not have.</summary>
internal static class JsonLines
{
    /// <summary>The value, or an exception that names the line.</summary>
    internal static JsonNodeAtLine Parse(string text, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        int line = 1;
        long counted = 0;
        Stack<(JsonNodeAtLine Node, string Name, int Line)> open = new();
        string member = "";
        int memberLine = 1;
        JsonNodeAtLine? root = null;
        try
        {
            while (reader.Read())
            {
                for (; counted < reader.TokenStartIndex; counted++)
                {
                    line += bytes[counted] == '\n' ? 1 : 0;
                }

                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        (member, memberLine) = (reader.GetString()!, line);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        open.Pop();
                        break;
                    default:
                        bool isContainer = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                        JsonNodeAtLine node = new(
                            reader.TokenType,
                            isContainer ? "" : reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan),
                            line);
                        root ??= node;
                        if (open.TryPeek(out (JsonNodeAtLine Node, string Name, int Line) parent))
                        {
                            parent.Node.Members.Add((parent.Node.IsArray ? "" : member, node, parent.Node.IsArray ? line : memberLine));
                        }

                        if (isContainer)
                        {
                            open.Push((node, member, memberLine));
                        }

                        break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second: a text that is no UTF-16, such as a lone surrogate.
            throw new ImportException($"{name}:{(exception as JsonException)?.LineNumber + 1 ?? line}: is no JSON: {exception.Message.Split(" LineNumber")[0]}");
        }

        return root ?? throw new ImportException($"{name}:1: is empty");
    }
}
