using System.Text.Json;

namespace Darter.Cli.Importing;

/// <summary>A value of a JSON file with its line.</summary>
/// <param name="Kind">What it is: an object, an array, or the kind of a single value.</param>
/// <param name="Text">A single value as text.</param>
/// <param name="Line">Where it begins, from 1 on.</param>
internal sealed record JsonNodeAtLine(JsonTokenType Kind, string Text, int Line)
{
    /// <summary>The members of an object, or the items of an array, whose names are empty.</summary>
    internal List<(string Name, JsonNodeAtLine Value, int Line)> Members { get; } = [];

    /// <summary>Whether it is an object.</summary>
    internal bool IsObject => Kind == JsonTokenType.StartObject;

    /// <summary>Whether it is an array.</summary>
    internal bool IsArray => Kind == JsonTokenType.StartArray;

    /// <summary>The items of an array, or the value alone.</summary>
    internal IEnumerable<JsonNodeAtLine> Items => IsArray ? Members.Select(member => member.Value) : [this];

    /// <summary>The member of that name, or null.</summary>
    internal JsonNodeAtLine? Find(string name) => IsObject ? Members.Find(member => member.Name == name).Value : null;

    /// <summary>The text of a member, or null.</summary>
    internal string? TextOf(string name) => Find(name) is { IsObject: false, IsArray: false } value ? value.Text : null;
}
