using System.Text;

namespace Darter.Cli.Importing;

/// <summary>Reads an nginx configuration: words, quotations, comments, semicolons and braces.</summary>
internal sealed class NginxFile
{
    private const int Deepest = 64;

    private readonly List<(string Text, bool IsMark, int Line)> _words = [];
    private readonly string _name;
    private int _next;

    private NginxFile(string name) => _name = name;

    /// <summary>The directives, or an exception that names the line.</summary>
    internal static IReadOnlyList<NginxDirective> Parse(string text, string name)
    {
        NginxFile file = new(name);
        file.Split(text);
        return file.Block(0, 1);
    }

    private void Split(string text)
    {
        StringBuilder word = new();
        int line = 1;
        bool isOpen = false;
        for (int index = 0; index < text.Length; index++)
        {
            char character = text[index];
            if (character == '\n')
            {
                line++;
            }

            if (!isOpen && character == '#')
            {
                while (index + 1 < text.Length && text[index + 1] != '\n')
                {
                    index++;
                }
            }
            else if (!isOpen && character is '"' or '\'')
            {
                int first = line;
                StringBuilder quotation = new();
                for (index++; index < text.Length && text[index] != character; index++)
                {
                    if (text[index] == '\\' && index + 1 < text.Length && (text[index + 1] == character || text[index + 1] == '\\'))
                    {
                        index++;
                    }

                    line += text[index] == '\n' ? 1 : 0;
                    quotation.Append(text[index]);
                }

                if (index >= text.Length)
                {
                    throw new ImportException($"{_name}:{first}: a quotation does not end");
                }

                _words.Add((quotation.ToString(), false, first));
            }
            else if (char.IsWhiteSpace(character))
            {
                End();
            }
            else if (character is ';' or '}' || (character == '{' && !(word.Length > 0 && word[^1] == '$')))
            {
                // A variable in braces, ${host}, is part of its word.
                if (character == '}' && word.ToString().LastIndexOf("${", StringComparison.Ordinal) > word.ToString().LastIndexOf('}'))
                {
                    word.Append(character);
                    continue;
                }

                End();
                _words.Add((character.ToString(), true, line));
            }
            else
            {
                word.Append(character);
                isOpen = true;
            }
        }

        End();

        void End()
        {
            if (word.Length > 0)
            {
                _words.Add((word.ToString(), false, line));
                word.Clear();
            }

            isOpen = false;
        }
    }

    private List<NginxDirective> Block(int depth, int begin)
    {
        if (depth > Deepest)
        {
            throw new ImportException($"{_name}:{begin}: there are more than {Deepest} blocks in each other");
        }

        List<NginxDirective> directives = [];
        while (_next < _words.Count)
        {
            (string text, bool isMark, int line) = _words[_next++];
            if (isMark && text == "}" && depth > 0)
            {
                return directives;
            }

            if (isMark)
            {
                throw new ImportException($"{_name}:{line}: '{text}' stands where a directive should begin");
            }

            directives.Add(Directive(text, line, depth));
        }

        return depth == 0 ? directives : throw new ImportException($"{_name}:{begin}: the block does not end");
    }

    private NginxDirective Directive(string name, int line, int depth)
    {
        List<string> arguments = [];
        while (_next < _words.Count)
        {
            (string text, bool isMark, int at) = _words[_next++];
            if (!isMark)
            {
                arguments.Add(text);
            }
            else if (text == ";")
            {
                return new NginxDirective(name, arguments, line, null);
            }
            else if (text == "{")
            {
                return new NginxDirective(name, arguments, line, Block(depth + 1, line));
            }
            else
            {
                throw new ImportException($"{_name}:{at}: '{text}' stands where '{name}' should end with a semicolon");
            }
        }

        throw new ImportException($"{_name}:{line}: '{name}' does not end with a semicolon");
    }
}
