namespace Darter.Server.Files.Listing;

/// <summary>The order of a listing, as the query <c>?sort=size&amp;order=desc</c> asks for it. Folders come first in any.</summary>
internal readonly record struct ListingOrder(ListingColumn Column, bool Descending)
{
    /// <summary>Reads a query; what it does not know it leaves alone.</summary>
    internal static ListingOrder Parse(ReadOnlySpan<char> query)
    {
        ListingOrder order = default;
        foreach (Range part in query.TrimStart('?').Split('&'))
        {
            order = query.TrimStart('?')[part] switch
            {
                "sort=name" => order with { Column = ListingColumn.Name },
                "sort=size" => order with { Column = ListingColumn.Size },
                "sort=date" => order with { Column = ListingColumn.Date },
                "order=desc" => order with { Descending = true },
                _ => order,
            };
        }

        return order;
    }

    /// <summary>The query for a click at a column's head: that column, or, where it is this one already, the other direction.</summary>
    internal string QueryFor(ListingColumn column)
    {
        // Who sorts by size or date looks for what is large or new.
        bool descending = column == Column ? !Descending : column != ListingColumn.Name;
        string name = column switch
        {
            ListingColumn.Size => "size",
            ListingColumn.Date => "date",
            _ => "name",
        };
        return $"?sort={name}{(descending ? "&order=desc" : "")}";
    }

    /// <summary>Compares two files.</summary>
    internal int Compare(ListedFile one, ListedFile other)
    {
        if (one.IsFolder != other.IsFolder)
        {
            return one.IsFolder ? -1 : 1;
        }

        int result = Column switch
        {
            ListingColumn.Size when !one.IsFolder => one.Length.CompareTo(other.Length),
            ListingColumn.Date => one.Modified.CompareTo(other.Modified),
            _ => 0,
        };
        result = result == 0 ? CompareNames(one.Name, other.Name) : result;
        return Descending ? -result : result;
    }

    /// <summary>As people sort: without regard to case, and numbers by their value.</summary>
    private static int CompareNames(string one, string other)
    {
        int i = 0;
        int j = 0;
        while (i < one.Length && j < other.Length)
        {
            if (char.IsAsciiDigit(one[i]) && char.IsAsciiDigit(other[j]))
            {
                ReadOnlySpan<char> first = Digits(one, ref i);
                ReadOnlySpan<char> second = Digits(other, ref j);
                int numbers = first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
                if (numbers != 0)
                {
                    return numbers;
                }

                continue;
            }

            int letters = char.ToUpperInvariant(one[i]).CompareTo(char.ToUpperInvariant(other[j]));
            if (letters != 0)
            {
                return letters;
            }

            i++;
            j++;
        }

        int rest = (one.Length - i).CompareTo(other.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(one, other);
    }

    /// <summary>The digits at a position, without zeros before them; moves behind them.</summary>
    private static ReadOnlySpan<char> Digits(string text, ref int position)
    {
        int start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }

        return text.AsSpan(start, position - start).TrimStart('0');
    }
}
