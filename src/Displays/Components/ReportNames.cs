using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Displays.Components;

/// <summary>What the ids in figures are called: by id; of lines, windows and staff, which only a hall gives a meaning to, by <c>{hall}/{id}</c>. Windows without a name of their own are left out.</summary>
/// <param name="Named">The halls whose names are here.</param>
public sealed record ReportNames(Dictionary<string, Text> Halls, Dictionary<string, Text> Services, Dictionary<string, Text> Departments, Dictionary<string, Text> Classes,
    Dictionary<string, Text> Lines, Dictionary<string, Text> Windows, Dictionary<string, Text> Staff, List<string> Named)
{
    /// <summary>So many halls at once: reading a hall's document wakes the hall. Pages begin with half as many, and ask for those of the rows they show.</summary>
    public const int MostHalls = 48;

    /// <param name="halls">At most <see cref="MostHalls"/>; one that is not here is left out.</param>
    public static async Task<ReportNames> ReadAsync(IHalls all, IEnumerable<HallId> halls, CancellationToken cancel)
    {
        var names = new ReportNames([], [], [], [], [], [], [], []);
        foreach (var hall in halls)
            if (await all.ReadAsync(hall, new ReadConfig(), cancel) is { Settings: { } settings }) names.Add(hall, settings);
        return names;
    }

    private void Add(HallId hall, HallSettings settings)
    {
        Named.Add(hall.Value);
        Halls.TryAdd(hall.Value, settings.Name);
        foreach (var service in settings.Services) Services.TryAdd(service.Service.Value, service.Name);
        foreach (var department in settings.Departments) Departments.TryAdd(department.Department.Value, department.Name);
        foreach (var @class in settings.Classes) Classes.TryAdd(@class.Class.Value, @class.Name);
        foreach (var line in settings.Lines) Lines.TryAdd($"{hall}/{line.Line}", line.Name);
        foreach (var window in settings.Windows)
            if (window.Name is { } name) Windows.TryAdd($"{hall}/{window.Window}", name);
        foreach (var person in settings.Staff) Staff.TryAdd($"{hall}/{person.Staff}", person.Name);
    }
}
