namespace HallOps.Core.Halls;

/// <summary>
/// Gives equal texts one object, so that sixteen thousand halls with the same services hold their words once. Never forgets.
/// Not safe for several threads at once; whoever shares one among halls overrides <see cref="Share(string)"/> and <see cref="Share(Text)"/>.
/// </summary>
public class TextPool
{
    private readonly Dictionary<string, string> strings = new(StringComparer.Ordinal);
    private readonly Dictionary<Text, Text> texts = [];

    /// <summary>The first string given that equals this one.</summary>
    public virtual string Share(string s)
    {
        if (strings.TryGetValue(s, out var shared))
            return shared;
        strings.Add(s, s);
        return s;
    }

    /// <summary>The first text given that equals this one; its words are shared too.</summary>
    public virtual Text Share(Text text)
    {
        if (texts.TryGetValue(text, out var shared))
            return shared;
        shared = new Text(Share(text.Zh), text.En is null ? null : Share(text.En));
        texts.Add(shared, shared);
        return shared;
    }
}
