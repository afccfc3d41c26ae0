using System.Collections;
using System.Globalization;
using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

/// <summary>The repository's samples, copied beside the tests by the build.</summary>
internal static class SampleFiles
{
    public static string Halls => Path.Combine(AppContext.BaseDirectory, "samples", "halls");

    public static byte[] Hall(string file) => Read("halls", file);

    public static byte[] Read(string folder, string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples", folder, file));
}

/// <summary>Writes settings out with all they hold, so that two can be compared; records compare their lists by reference.</summary>
internal static class SettingsText
{
    public static string Of(object? value)
    {
        var to = new StringBuilder();
        Write(to, value);
        return to.ToString();
    }

    private static void Write(StringBuilder to, object? value)
    {
        switch (value)
        {
            case null or string or bool or Enum or int or double or TimeOnly or DateOnly or ValueType when value is not IDictionary:
                to.Append(CultureInfo.InvariantCulture, $"{value ?? "null"};");
                break;
            case TimeZoneInfo zone:
                to.Append(zone.Id).Append(';');
                break;
            // A dictionary's order is its own; what it holds is in the lists.
            case IDictionary all:
                to.Append(CultureInfo.InvariantCulture, $"{all.Count};");
                break;
            case IEnumerable list when list.GetType().Name.Contains("FrozenSet", StringComparison.Ordinal):
                to.AppendJoin(',', list.Cast<object>().Select(o => o.ToString()).Order(StringComparer.Ordinal)).Append(';');
                break;
            case IEnumerable list:
                to.Append('[');
                foreach (var item in list)
                    Write(to, item);
                to.Append(']');
                break;
            default:
                to.Append('{');
                foreach (var property in value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0 && p.Name != "EqualityContract"))
                {
                    to.Append(property.Name).Append('=');
                    Write(to, property.GetValue(value));
                }
                to.Append('}');
                break;
        }
    }
}
