namespace HallOps.Web;

/// <summary>What people may type into commands.</summary>
public static class Words
{
    public const string TextAllowed = "must be a text of 1 to 2000 characters";
    public const string TagsAllowed = "must be at most 10 words of 1 to 20 letters or hyphens";

    private const int MaxTags = 10;
    private const int MaxTagLength = 20;

    public static bool IsText(string text) => text.Length <= HallDoor.MaxTextLength && !string.IsNullOrWhiteSpace(text);

    /// <summary>Tags stand in the journal itself, so they have no digits: no telephone or ID number can be one.</summary>
    public static bool AreTags(IReadOnlyList<string>? tags) =>
        tags is null || (tags.Count <= MaxTags && tags.All(t => t is { Length: > 0 and <= MaxTagLength } && t.All(c => char.IsLetter(c) || c == '-')));
}
