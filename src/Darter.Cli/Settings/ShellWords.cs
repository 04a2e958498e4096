using System.Text;

namespace Darter.Cli.Settings;

/// <summary>Splits text into words as a POSIX shell does, without expanding anything (Python's <c>shlex.split</c>).</summary>
internal static class ShellWords
{
    /// <summary>Returns the words, or null if a quotation does not end.</summary>
    internal static List<string>? Split(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool begun = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && quote != '\'')
            {
                if (++i == text.Length)
                {
                    return null;
                }

                // Between double quotes it only escapes what would have a meaning there.
                if (quote == '"' && text[i] is not ('"' or '\\'))
                {
                    word.Append('\\');
                }

                word.Append(text[i]);
                begun = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(c);
                }
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                begun = true;
            }
            else if (c is ' ' or '\t' or '\r' or '\n')
            {
                if (begun)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    begun = false;
                }
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (begun)
        {
            words.Add(word.ToString());
        }

        return quote == '\0' ? words : null;
    }
}
