namespace Darter.Cli.Importing;

/// <summary>A table of the file that is made: keys with their values in TOML.</summary>
internal sealed class ImportTable
{
    private readonly List<KeyValuePair<string, string>> _members = [];

    /// <summary>The keys in order.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Members => _members;

    /// <summary>Whether a key is there.</summary>
    internal bool Has(string key) => _members.Any(member => member.Key == key);

    /// <summary>The value of a key in TOML, or null.</summary>
    internal string? Find(string key) => _members.Find(member => member.Key == key).Value;

    /// <summary>Sets a key; the last of several wins, as in all the files that are imported.</summary>
    internal void Set(string key, string toml)
    {
        int index = _members.FindIndex(member => member.Key == key);
        if (index < 0)
        {
            _members.Add(KeyValuePair.Create(key, toml));
        }
        else
        {
            _members[index] = KeyValuePair.Create(key, toml);
        }
    }

    /// <summary>Removes a key.</summary>
    internal void Remove(string key) => _members.RemoveAll(member => member.Key == key);

    /// <summary>The same keys in another table.</summary>
    internal ImportTable Copy()
    {
        ImportTable copy = new();
        copy._members.AddRange(_members);
        return copy;
    }
}
