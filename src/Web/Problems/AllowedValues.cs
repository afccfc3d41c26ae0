using System.Collections;
using System.Reflection;
using System.Text.Json;

namespace HallOps.Web.Problems;

/// <summary>Says what a body's field may hold, from the type the body is read as. Asked only when a body was wrong.</summary>
public static class AllowedValues
{
    /// <param name="path">As JSON readers write it: <c>lines[0].afterMinutes</c>.</param>
    /// <returns>The rest of a sentence that begins with the field.</returns>
    public static string At(Type root, string path)
    {
        var type = root;
        foreach (var part in path.Split('.'))
        {
            var name = part.Split('[')[0];
            var property = name.Length == 0 ? null : FieldsOf(type).FirstOrDefault(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name) == name);
            if (property is null) return $"is not a field here; allowed are {string.Join(", ", FieldsOf(type).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)))}";
            type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (part.Contains('[', StringComparison.Ordinal)) type = ItemOf(type) ?? type;
        }
        return "must be " + Describe(type);
    }

    /// <summary>The same words for a closed list, or a part of one.</summary>
    public static string OneOf(IEnumerable<string> names) => "one of " + string.Join(", ", names.Select(JsonNamingPolicy.CamelCase.ConvertName));

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(string) => "a text in quotes",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(DateTimeOffset) => "a time like 2026-11-02T14:30:00+08:00, with its offset",
        _ when type.IsEnum => OneOf(Enum.GetNames(type)),
        _ when ItemOf(type) is { } item => $"a list, each item {Describe(item)}",
        _ => $"an object with {string.Join(", ", FieldsOf(type).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)))}",
    };

    private static PropertyInfo[] FieldsOf(Type type) => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetMethod is not null && p.GetIndexParameters().Length == 0)];

    private static Type? ItemOf(Type type) =>
        type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) ? null : type.IsArray ? type.GetElementType() : type.GetGenericArguments().FirstOrDefault();
}
